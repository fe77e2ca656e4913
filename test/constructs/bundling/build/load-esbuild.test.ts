/** Which esbuild is used, and what is said when there is none that can be. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import {
  assetHashes,
  newStack,
  Project,
  passesSince,
  removeProjects,
  settled,
  streamingFunction,
  synth,
} from '../project';

afterAll(removeProjects);

/** A monorepo: `root` is what the hoisted esbuild is, `infra` the one of a package, if it has one. */
function monorepo(root: string, infra?: string, lockFile = 'package-lock.json'): Project {
  const project = Project.create({
    'packages/infra/package.json': '{}',
    'packages/infra/src/handler.ts': 'export const handler = () => 1;',
    'packages/other/package.json': '{}',
    'packages/other/src/handler.ts': 'export const handler = () => 2;',
  });
  fs.rmSync(project.path('package-lock.json'));
  project.write({ [lockFile]: '{}', 'node_modules/esbuild/index.js': root });
  if (infra !== undefined) project.write({ 'packages/infra/node_modules/esbuild/index.js': infra });
  return project;
}

/** The real one under another version, which counts its bundling passes apart. */
const real = (version: string) => `
  const esbuild = require(${JSON.stringify(require.resolve('esbuild'))});
  const buildSync = (options) => {
    globalThis.passesBy ??= {};
    if (options.bundle) globalThis.passesBy['${version}'] = (globalThis.passesBy['${version}'] ?? 0) + 1;
    return esbuild.buildSync(options);
  };
  module.exports = { ...esbuild, version: '${version}', buildSync };`;

const tooOld = "exports.version = '0.14.54';";

declare global {
  var passesBy: Record<string, number> | undefined;
}

const infra = 'packages/infra/src/handler.ts';
const other = 'packages/other/src/handler.ts';

test('the esbuild nearest to the entry is used, whatever is hoisted', () => {
  const project = monorepo(tooOld, real('0.90.0'));
  expect(synth(project.path(infra)).hash).toMatch(/^[0-9a-f]{64}$/);
});

test('entries of packages with esbuilds of their own are built apart', () => {
  const project = monorepo(real('0.91.0'), real('0.92.0'));
  globalThis.passesBy = {};
  const stack = newStack();
  for (const entry of [infra, other])
    streamingFunction(stack, path.dirname(entry), project.path(entry), { cache: false });
  expect(new Set(assetHashes(stack)).size).toBe(2);
  expect(globalThis.passesBy).toEqual({ '0.91.0': 1, '0.92.0': 1 });
});

test("another version of a package's esbuild builds anew", async () => {
  const project = monorepo(real('0.91.0'), real('0.92.0'));
  await settled();
  synth(project.path(infra), { assetHash: 'v1' });
  globalThis.passesBy = {};
  const { hash } = synth(project.path(infra), { assetHash: 'v1' });
  expect(globalThis.passesBy).toEqual({});
  project.write({ 'packages/infra/node_modules/esbuild/index.js': real('0.93.0') });
  jest.resetModules();
  const again = jest.requireActual('../project');
  expect(again.synth(project.path(infra), { assetHash: 'v1' }).hash).toBe(hash);
  expect(globalThis.passesBy).toEqual({ '0.93.0': 1 });
});

describe('is told, with the construct,', () => {
  const define = (project: Project) => () => streamingFunction(newStack(), 'Fn', project.path(infra));

  test.each([
    ['package-lock.json', 'npm install --save-dev esbuild@latest'],
    ['yarn.lock', 'yarn add --dev esbuild@latest'],
    ['pnpm-lock.yaml', 'pnpm add --save-dev esbuild@latest'],
    ['bun.lock', 'bun add --dev esbuild@latest'],
  ])('one that is too old: what to run where, for %s', (lockFile, command) => {
    const project = monorepo(tooOld, undefined, lockFile);
    expect(define(project)).toThrow(
      `cannot bundle 'Stack/Fn': esbuild 0.19 or newer is needed to bundle entries, found 0.14.54 in ` +
        `${project.path('node_modules/esbuild/index.js')}. Run in ${project.path('packages/infra')}: ${command}`,
    );
  });

  test('one that cannot be loaded: why', () => {
    const project = monorepo(real('0.91.0'), "throw new Error('You installed esbuild for another platform');");
    expect(define(project)).toThrow(
      `cannot bundle 'Stack/Fn': esbuild cannot be loaded from ${project.path('packages/infra/node_modules/esbuild/index.js')}: ` +
        'You installed esbuild for another platform',
    );
  });

  test('one that is something else', () => {
    expect(define(monorepo('exports.buildSync = () => ({});'))).toThrow(
      /found one without a version in .*esbuild.index\.js/,
    );
  });
});

test('a container needs none here', () => {
  const project = monorepo(tooOld);
  expect(() => streamingFunction(newStack(), 'Fn', project.path(infra), { forceDockerBundling: true })).not.toThrow();
  passesSince();
});
