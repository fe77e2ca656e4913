/** Modules installed beside the bundle, by each package manager, as `NodejsFunction` installs them. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as nodejs from 'aws-cdk-lib/aws-lambda-nodejs';
import { App, Stack } from 'aws-cdk-lib/core';
import { assetDir, assetHashes, Project, removeProjects, synth } from './project';

afterAll(removeProjects);

/** Stands in for every package manager: tells how it was called and leaves stamps, or runs esbuild when that is asked. */
const MANAGER = `#!${process.execPath}
  const fs = require('node:fs');
  const at = process.argv.indexOf('esbuild');
  if (at > 0) {
    const esbuild = ${JSON.stringify(path.resolve('node_modules/esbuild/bin/esbuild'))};
    process.exit(require('node:child_process').spawnSync(esbuild, process.argv.slice(at + 1), { stdio: 'inherit' }).status);
  }
  fs.mkdirSync('node_modules/.cache', { recursive: true });
  for (const name of Object.keys(JSON.parse(fs.readFileSync('package.json', 'utf8')).dependencies)) {
    fs.mkdirSync('node_modules/' + name, { recursive: true });
  }
  fs.writeFileSync('node_modules/installed.json', JSON.stringify([require('node:path').basename(process.argv[1]), ...process.argv.slice(2)]));
  fs.writeFileSync(require('node:path').join(process.argv[1], '..', 'linker'), process.env.YARN_NODE_LINKER ?? '');
  fs.writeFileSync('node_modules/.modules.yaml', 'written by pnpm');
  fs.writeFileSync('node_modules/.cache/bun', 'written by bun');`;

function projectWith(lockFile: string): Project {
  const project = Project.create({
    'src/handler.ts': "import * as dep from 'dep'; export const handler = () => dep;",
    'package.json': JSON.stringify({
      name: 'app',
      dependencies: { dep: '1.0.0', local: 'file:local' },
      devDependencies: { dep: '1.2.3' },
      peerDependencies: { dep: '^1' },
    }),
    'node_modules/installed-only/package.json': '{ "version": "7.0.0" }',
  });
  fs.rmSync(project.path('package-lock.json'));
  project.write({ [lockFile]: '{}' });
  for (const name of ['npm', 'npx', 'yarn', 'pnpm', 'bun']) {
    project.write({ [`bin/${name}`]: MANAGER });
    fs.chmodSync(project.path(`bin/${name}`), 0o755);
  }
  return project;
}

function optionsFor(project: Project, more: nodejs.BundlingOptions = {}): nodejs.BundlingOptions {
  const environment = { PATH: `${project.path('bin')}:${process.env['PATH']}` };
  return { nodeModules: ['dep', 'local'], environment, ...more };
}

function byNodejsFunction(project: Project, lockFile: string, bundling: nodejs.BundlingOptions): string {
  const stack = new Stack(new App(), 'Stack');
  new nodejs.NodejsFunction(stack, 'Fn', {
    entry: project.path('src/handler.ts'),
    runtime: lambda.Runtime.NODEJS_22_X,
    depsLockFilePath: project.path(lockFile),
    bundling,
  });
  return assetDir(stack, assetHashes(stack)[0] ?? '');
}

const contents = (dir: string) =>
  Object.fromEntries(
    fs
      .readdirSync(dir, { recursive: true, encoding: 'utf8' })
      .filter((name) => fs.statSync(path.join(dir, name)).isFile())
      .sort()
      .map((name) => [name, fs.readFileSync(path.join(dir, name), 'utf8')]),
  );

test.each([
  ['package-lock.json', ['npm', 'ci']],
  ['yarn.lock', ['yarn', 'install', '--no-immutable']],
  ['bun.lock', ['bun', 'install', '--backend', 'copyfile']],
  ['bun.lockb', ['bun', 'install', '--backend', 'copyfile']],
  [
    'pnpm-lock.yaml',
    [
      'pnpm',
      'install',
      '--config.node-linker=hoisted',
      '--config.package-import-method=clone-or-copy',
      '--no-prefer-frozen-lockfile',
    ],
  ],
])('%s tells the package manager', (lockFile, command) => {
  const project = projectWith(lockFile);
  const { dir } = synth(project.path('src/handler.ts'), optionsFor(project));
  const installed = contents(dir);
  expect(JSON.parse(installed['node_modules/installed.json'] ?? '')).toEqual(command);
  expect(installed[lockFile]).toBe('{}');
  expect(Object.keys(installed).includes('node_modules/.modules.yaml')).toBe(!lockFile.startsWith('pnpm'));
  expect(Object.keys(installed).includes('node_modules/.cache/bun')).toBe(!lockFile.startsWith('bun'));
});

test.each<[string, nodejs.LogLevel]>([
  ['package-lock.json', nodejs.LogLevel.SILENT],
  ['package-lock.json', nodejs.LogLevel.INFO],
  ['yarn.lock', nodejs.LogLevel.ERROR],
  ['pnpm-lock.yaml', nodejs.LogLevel.ERROR],
  ['bun.lock', nodejs.LogLevel.ERROR],
])('the same files as NodejsFunction: %s, log level %s', (lockFile, logLevel) => {
  const project = projectWith(lockFile);
  const options = optionsFor(project, { logLevel });
  const { dir } = synth(project.path('src/handler.ts'), options);
  expect(contents(dir)).toEqual(contents(byNodejsFunction(project, lockFile, options)));
});

test('versions are those of package.json, the last of its lists winning, else the installed ones', () => {
  const project = projectWith('package-lock.json');
  const options = optionsFor(project, { nodeModules: ['dep', 'local', 'installed-only'] });
  const { dir } = synth(project.path('src/handler.ts'), options);
  expect(JSON.parse(contents(dir)['package.json'] ?? '')).toEqual({
    dependencies: { dep: '^1', local: `file:${project.path('local')}`, 'installed-only': '7.0.0' },
  });
});

test.each([
  ['a version in the catalog of a pnpm workspace', 'catalog:', '1.2.3'],
  ['a version in a named catalog', 'catalog:react', '1.2.3'],
  ['a package of the workspace itself', 'workspace:*', 'file:'],
])('%s is replaced by what is installed', (_name, asked, expected) => {
  const project = projectWith('pnpm-lock.yaml');
  project.write({
    'package.json': JSON.stringify({ dependencies: { dep: asked } }),
    'node_modules/dep/package.json': '{ "version": "1.2.3" }',
  });
  const { dir } = synth(project.path('src/handler.ts'), optionsFor(project, { nodeModules: ['dep'] }));
  const { dependencies } = JSON.parse(contents(dir)['package.json'] ?? '');
  expect(dependencies.dep).toBe(expected === 'file:' ? `file:${project.path('node_modules/dep')}` : expected);
});

test.each([
  ['pnpm-lock.yaml', /^.*:\n'pnpm install .*' could not be run: pnpm is not on the PATH\. Run: corepack enable pnpm /],
  ['yarn.lock', /^.*:\n'yarn install .*' could not be run: yarn is not on the PATH\. Run: corepack enable yarn /],
  ['bun.lock', /^.*:\n'bun install .*' could not be run: bun is not on the PATH\. Run: npm install --global bun$/],
])('%s, and its package manager is not on the PATH: the error says how to get it', (lockFile, message) => {
  const project = projectWith(lockFile);
  const options = optionsFor(project, { environment: { PATH: project.path('nowhere') } });
  expect(() => synth(project.path('src/handler.ts'), options)).toThrow(message);
});

test('a version in a catalog of which nothing is installed is asked for', () => {
  const project = projectWith('pnpm-lock.yaml');
  project.write({ 'package.json': JSON.stringify({ dependencies: { dep: 'catalog:' } }) });
  expect(() => synth(project.path('src/handler.ts'), optionsFor(project, { nodeModules: ['dep'] }))).toThrow(
    "nodeModules names 'dep', which is 'catalog:' in",
  );
});

test('yarn is told to install into node_modules, whatever the project says', () => {
  const project = projectWith('yarn.lock');
  synth(project.path('src/handler.ts'), optionsFor(project));
  expect(fs.readFileSync(project.path('bin/linker'), 'utf8')).toBe('node-modules');
});

test('an installation that leaves a module out is an error at synth, not at run time', () => {
  const project = projectWith('yarn.lock');
  project.write({ 'bin/yarn': '#!/bin/sh\nmkdir -p node_modules/local\n' });
  expect(() => synth(project.path('src/handler.ts'), optionsFor(project))).toThrow(
    'the package manager left no node_modules/dep, so that the function could not load it',
  );
});
