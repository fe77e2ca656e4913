/** Whatever goes wrong, in one entry or in many: one error tells all of it, with the construct of each. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import type { App, Stack } from 'aws-cdk-lib/core';
import type { StreamingBundlingOptions } from '../../../src/constructs/streaming-bundling-options';
import { newStack, Project, passesSince, removeProjects, settled, streamingFunction } from './project';

afterAll(removeProjects);

const project = Project.create({
  'src/good.ts': 'export const handler = () => 1;',
  'src/other.ts': 'export const handler = () => 2;',
  'src/broken.ts': "import './not-there'; export const handler = 1;",
});

function stackOf(functions: Record<string, [entry: string, options?: object]>): Stack {
  const stack = newStack();
  for (const [id, [entry, options]] of Object.entries(functions)) {
    streamingFunction(stack, id, project.path(entry), { cache: false, ...options } as StreamingBundlingOptions);
  }
  return stack;
}

function errorOf(stack: Stack): Error {
  return errorWhen(() => Template.fromStack(stack));
}

function errorWhen(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

const THROWS = {
  beforeBundling: () => {
    throw new TypeError('thrown by my hook');
  },
  beforeInstall: () => [],
  afterBundling: () => [],
};

test('options that esbuild cannot read, bad entries and hooks that throw are reported together', () => {
  const stack = stackOf({
    Target: ['src/good.ts', { target: 'es2020, node18' }],
    Loader: ['src/good.ts', { loader: { '.ts': 'typescript' } }],
    Broken: ['src/broken.ts'],
    Hook: ['src/good.ts', { commandHooks: THROWS }],
    Good: ['src/good.ts'],
  });
  const { message } = errorOf(stack);
  expect(message).toMatch(/cannot bundle 'Stack\/Target' from .*good\.ts:\nInvalid target " node18"/);
  expect(message).toMatch(/cannot bundle 'Stack\/Loader' from .*good\.ts:\nInvalid loader value: "typescript"/);
  expect(message).toMatch(/cannot bundle 'Stack\/Broken' from .*broken\.ts:\n.*Could not resolve "\.\/not-there"/);
  expect(message).toMatch(/cannot bundle 'Stack\/Hook' from .*good\.ts:\nthrown by my hook/);
  expect(message).not.toContain('Stack/Good');
});

test('what all functions have in common is said once, after one pass', () => {
  const stack = stackOf({
    One: ['src/good.ts', { target: 'es2020, node18' }],
    Two: ['src/other.ts', { target: 'es2020, node18' }],
  });
  passesSince();
  const { message } = errorOf(stack);
  expect(message).toMatch(/cannot bundle 'Stack\/One' from .*good\.ts, 'Stack\/Two' from .*other\.ts:\nInvalid target/);
  expect(message.match(/Invalid target/g)).toHaveLength(1);
  expect(passesSince()).toBe(1);
});

test('what has become wrong since the function was defined is reported with the rest', () => {
  project.write({ 'src/gone.ts': 'export const handler = 1;', 'tsconfig.gone.json': '{}' });
  const stack = stackOf({
    Gone: ['src/gone.ts', { tsconfig: 'tsconfig.gone.json' }],
    Broken: ['src/broken.ts'],
  });
  fs.rmSync(project.path('src/gone.ts'));
  const { message } = errorOf(stack);
  expect(message).toMatch(/cannot bundle 'Stack\/Gone'[\s\S]*gone\.ts/);
  expect(message).toContain("cannot bundle 'Stack/Broken'");
});

test('a bundle that Lambda would not take is refused, with its largest files', () => {
  const stack = stackOf({
    // Holes: the files take no space on disk.
    Large: [
      'src/good.ts',
      {
        commandHooks: {
          ...THROWS,
          beforeBundling: () => [],
          afterBundling: (_input: string, output: string) => [
            `mkdir ${output}/models && truncate -s 200000000 ${output}/models/one.bin && truncate -s 62144001 ${output}/two.bin`,
          ],
        },
      },
    ],
    Broken: ['src/broken.ts'],
  });
  const { message } = errorOf(stack);
  expect(message).toMatch(
    /cannot bundle 'Stack\/Large' from .*\nthe bundle has 262\.1 MB unpacked, and Lambda takes 262\.1 MB at most, layers included \(models\/one\.bin 200\.0 MB, two\.bin 62\.1 MB, index\.js 0\.0 MB\)/,
  );
  expect(message).toContain("cannot bundle 'Stack/Broken'");
});

test.each([false, true])('a cloud assembly that cannot be written to is named, with cache: %p', async (cache) => {
  await settled();
  if (cache) Template.fromStack(stackOf({ Fn: ['src/good.ts', { cache }] }));
  const stack = newStack();
  const { assetOutdir } = stack.node.root as App;
  fs.rmSync(assetOutdir, { recursive: true });
  fs.writeFileSync(assetOutdir, 'in the way');
  try {
    const error = errorWhen(() => {
      streamingFunction(stack, 'Fn', project.path('src/good.ts'), { cache });
      Template.fromStack(stack);
    });
    expect(error.message).toContain(
      `the cloud assembly directory '${path.resolve(assetOutdir)}' cannot be written to: ENOTDIR`,
    );
    expect(error.name).toBe('BundlingError');
  } finally {
    fs.rmSync(assetOutdir);
  }
});

test('a missing tsconfig is looked for once in a directory that is both project and working directory', () => {
  const cwd = process.cwd();
  process.chdir(project.root);
  try {
    const { message } = errorWhen(() => stackOf({ Fn: ['src/good.ts', { tsconfig: 'no.json' }] }));
    expect(message).toMatch(/tried: [^,]*no\.json$/);
  } finally {
    process.chdir(cwd);
  }
});

test('a later synth may succeed, once the entry is mended', () => {
  project.write({ 'src/mended.ts': 'export const =' });
  const stack = stackOf({ Fn: ['src/mended.ts'] });
  expect(errorOf(stack).message).toContain("cannot bundle 'Stack/Fn'");
  project.write({ 'src/mended.ts': 'export const handler = 1;' });
  expect(() => Template.fromStack(stack)).not.toThrow();
});
