import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, Stack, Stage } from 'aws-cdk-lib/core';
import { StreamingFunction } from 'cdk-lambda-streaming';
import { HotSwap } from '../../src/cli/hot-swap';
import { readAssembly } from '../../src/local/assembly/read-assembly';
import { bundleMap } from '../../src/local/runtime/bundle-maps';
import { BUNDLE_INPUTS_VARIABLE, type BundleRecipe } from '../../src/wire/bundle-inputs';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'hot-swap-')));
const outdir = join(folder, 'cdk.out');
const hotSwap = new HotSwap();
const write = (file: string, text: string) => writeFileSync(join(folder, file), text);

beforeAll(() => {
  mkdirSync(join(folder, 'static'));
  write('package-lock.json', '{}');
  write('shared.ts', 'export const shared: string = "old text";');
  write('one.ts', "import { shared } from './shared'; export const handler = () => shared;");
  write('two.ts', "import { shared } from './shared'; export const handler = () => shared + 'two';");
  write('static/index.js', 'exports.handler = 1');
  hotSwap.learn(outdir, synthesize());
});
afterAll(async () => {
  await hotSwap.stop();
  rmSync(folder, { recursive: true });
});

/** Functions in a stage: gives the recipes as `dev` gets them. */
function synthesize(): readonly BundleRecipe[] {
  const inputs = join(folder, 'inputs');
  process.env[BUNDLE_INPUTS_VARIABLE] = inputs;
  try {
    const app = new App({ outdir });
    const stack = new Stack(new Stage(app, 'Prod'), 'Code', { env: { account: '111111111111', region: 'eu-west-1' } });
    for (const name of ['one', 'two']) {
      const fn = new StreamingFunction(stack, name, { entry: join(folder, `${name}.ts`) });
      fn.exportStreamTarget();
    }
    const code = lambda.Code.fromAsset(join(folder, 'static'));
    new StreamingFunction(stack, 'static', { code, handler: 'index.handler' });
    app.synth();
  } finally {
    delete process.env[BUNDLE_INPUTS_VARIABLE];
  }
  const lines = readFileSync(inputs, 'utf8').split('\n');
  rmSync(inputs);
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
}

/** What each function would run, and the version its alias is at, by the first word of their logical ids. */
function deployable(assembly: string) {
  const [stack] = readAssembly(assembly).stacks;
  const resources = Object.entries(stack?.template.Resources ?? {});
  return Object.fromEntries(
    ['one', 'two', 'static'].map((name) => {
      const of = (type: string) =>
        resources.find(([id, { Type }]) => id.startsWith(name) && Type === `AWS::Lambda::${type}`);
      const key = JSON.stringify(of('Function')?.[1].Properties?.['Code']);
      const path = stack?.assets.find(({ hash }) => key.includes(hash))?.path ?? '';
      const [file = ''] = readdirSync(path).filter((each) => /\.m?js$/.test(each));
      const version = of('Version')?.[0] ?? '';
      return [name, { code: readFileSync(join(path, file), 'utf8'), version, alias: JSON.stringify(of('Alias')) }];
    }),
  );
}

test('a file of two bundles: both are new, with new versions for their aliases, and nothing else is', async () => {
  const before = deployable(outdir);
  write('shared.ts', 'export const shared: string = "new text";');
  const { assembly } = await hotSwap.swap([join(folder, 'shared.ts')]);
  const after = deployable(assembly ?? '');
  expect(after['static']).toEqual(before['static']);
  for (const name of ['one', 'two']) {
    const [old, fresh] = [before[name], after[name]];
    expect(old?.code).toContain('old text');
    expect(fresh?.code).toContain('new text');
    expect(fresh?.version).toMatch(new RegExp(`^${old?.version.slice(0, -32)}[0-9a-f]{32}$`));
    expect(fresh?.version).not.toBe(old?.version);
    expect(fresh?.alias).toContain(`"${fresh?.version}"`);
  }
  // What the app has written is left alone.
  expect(deployable(outdir)).toEqual(before);
});

test('its traces are to name the bundle that the app has written', async () => {
  write('shared.ts', 'export const shared: string = "new text", other = 1;');
  const { assembly } = await hotSwap.swap([join(folder, 'shared.ts')]);
  const origins = readAssembly(assembly ?? '').stacks[0]?.assets.flatMap(({ origin }) => origin ?? []);
  expect(origins?.map((origin) => [dirname(origin), existsSync(origin)])).toEqual([
    [outdir, true],
    [outdir, true],
  ]);
});

test('a place in a bundle without a source map is led to its source, while that gives this code', async () => {
  const { assembly } = await hotSwap.swap([join(folder, 'shared.ts')]);
  const asset = readAssembly(assembly ?? '').stacks[0]?.assets.find(({ origin }) => origin !== undefined);
  const file = readdirSync(asset?.path ?? '').find((name) => /\.m?js$/.test(name)) ?? '';
  const code = readFileSync(join(asset?.path ?? '', file), 'utf8');
  const line = code.split('\n').findIndex((text) => text.includes('new text'));
  const bundle = { folder: asset?.origin ?? '', file, code };
  expect(bundleMap(bundle)?.findEntry(line, 0)).toMatchObject({
    originalSource: join(folder, 'shared.ts'),
    originalLine: 0,
  });
  expect(bundleMap({ ...bundle, code: `${code} ` })).toBeUndefined();
  expect(bundleMap({ ...bundle, folder })).toBeUndefined();
});

test('what was saved before stays new', async () => {
  write('one.ts', "import { shared } from './shared'; export const handler = () => shared + 'again';");
  const { assembly } = await hotSwap.swap([join(folder, 'one.ts')]);
  const after = deployable(assembly ?? '');
  expect(after['one']?.code).toContain('again');
  expect(after['two']?.code).toContain('new text');
});

test('files of no bundle wait for the synth', async () => {
  const { assembly, isSynthFutile } = await hotSwap.swap([join(folder, 'app.ts'), join(folder, 'static/index.js')]);
  expect({ assembly, isSynthFutile }).toEqual({ assembly: undefined, isSynthFutile: false });
  hotSwap.learn(outdir, synthesize());
});

test('what cannot be built is told by esbuild, waits for its next save, and keeps nothing else', async () => {
  const file = relative(process.cwd(), join(folder, 'two.ts'));
  write('two.ts', 'export const handler = (;');
  expect(await hotSwap.swap([join(folder, 'two.ts')])).toEqual({
    assembly: undefined,
    problems: [{ message: expect.stringMatching(/^✘ \[ERROR\] Unexpected ";"\n/), file, line: 1, column: 25 }],
    isMended: false,
    isSynthFutile: true,
  });
  write('one.ts', 'export const handler = () => "beside it";');
  const beside = await hotSwap.swap([join(folder, 'one.ts')]);
  expect(deployable(beside.assembly ?? '')['one']?.code).toContain('beside it');
  expect(beside).toMatchObject({
    problems: [{ message: expect.stringContaining(`    ${file}:1:24:`) }],
    isSynthFutile: true,
  });
  // What else was saved may have changed the app, which can be told only by it.
  expect(await hotSwap.swap([join(folder, 'app.ts')])).toMatchObject({ problems: [{ file }], isSynthFutile: false });
  write('two.ts', 'export const handler = () => "mended";');
  const mended = await hotSwap.swap([join(folder, 'two.ts')]);
  expect(mended).toMatchObject({ problems: [], isMended: true, isSynthFutile: false });
  expect(deployable(mended.assembly ?? '')['two']?.code).toContain('mended');
});

test('nothing of it stays', async () => {
  write('two.ts', 'export const handler = () => 2;');
  const { assembly = '' } = await hotSwap.swap([join(folder, 'two.ts')]);
  expect(existsSync(assembly)).toBe(true);
  await hotSwap.stop();
  expect(existsSync(dirname(assembly))).toBe(false);
});
