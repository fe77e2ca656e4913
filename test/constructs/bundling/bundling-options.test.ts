import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Charset, OutputFormat, SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { StreamingBundlingOptions } from '../../../src/constructs/streaming-bundling-options';
import { StreamingCode } from '../../../src/constructs/streaming-code';
import {
  assetDir,
  assetHashes,
  newStack,
  Project,
  passesSince,
  removeProjects,
  streamingFunction,
  synth,
} from './project';

afterAll(removeProjects);

const project = Project.create({
  'src/commonjs-inside.ts': "import { platform } from 'uses-require'; export const handler = () => platform();",
  'src/text.ts': "import text from './a.txt'; export const handler = () => text + FLAG + '§';",
  'src/a.txt': 'some text',
  'src/files.ts': "import file from './a.txt'; export const handler = () => file;",
  'src/large.ts': "import { filler } from 'large'; export const handler = () => filler;",
  'src/conditions.ts': "import { which } from 'conditional'; export const handler = () => which;",
  'src/polyfill.ts': "export const injected = 'injected'; console.log(injected);",
  'src/dual.ts': "import { which } from 'dual'; export const handler = () => which;",
  'src/mapped.ts': "export { handler } from 'mapped';",
  'src/named.ts': 'export class Named {} export const handler = () => new Named();',
  'node_modules/uses-require/index.js': "const os = require('os'); exports.platform = () => os.platform();",
  'node_modules/large/index.js': `exports.filler = '${'x'.repeat(5_000)}';`,
  'node_modules/dual/package.json': '{ "main": "main.js", "module": "module.js" }',
  'node_modules/dual/main.js': "exports.which = 'main file';",
  'node_modules/dual/module.js': "export const which = 'module file';",
  'node_modules/conditional/package.json': '{"name":"conditional","exports":{"streaming":"./s.js","default":"./d.js"}}',
  'node_modules/conditional/s.js': "exports.which = 'streaming condition';",
  'node_modules/conditional/d.js': "exports.which = 'default condition';",
});

function bundle(entry: string, options: StreamingBundlingOptions = {}): string {
  const { dir } = synth(project.path(entry), options);
  return fs.readFileSync(path.join(dir, options.format === OutputFormat.ESM ? 'index.mjs' : 'index.js'), 'utf8');
}

describe('ES modules', () => {
  const load = (text: string, name: string) => {
    const file = project.path(`run/${name}.mjs`);
    project.write({
      [`run/${name}.mjs`]: text,
      'run/call.mjs': 'const { handler } = await import(process.argv[2]); console.log(handler());',
    });
    return execFileSync(process.execPath, [project.path('run/call.mjs'), file], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  };

  test('can require, when CommonJS code inside does', () => {
    const text = bundle('src/commonjs-inside.ts', { format: OutputFormat.ESM });
    expect(load(text, 'with-banner')).toBe(process.platform);
  });

  test('could not without our banner', () => {
    const text = bundle('src/commonjs-inside.ts', { format: OutputFormat.ESM, requireBanner: false });
    expect(() => load(text, 'without-banner')).toThrow(/Dynamic require of "os" is not supported/);
  });

  test('keep a banner of their own, and need no second one if it has createRequire', () => {
    const own = "import { createRequire } from 'module'; const require = createRequire(import.meta.url);";
    const text = bundle('src/commonjs-inside.ts', { format: OutputFormat.ESM, banner: own });
    expect(text.startsWith(own)).toBe(true);
    expect(text).not.toContain('globalThis.require');
    expect(bundle('src/commonjs-inside.ts', { format: OutputFormat.ESM, banner: '/* mine */' })).toContain(
      '/* mine */',
    );
  });

  test('that lack require are built again in one pass', () => {
    const stack = newStack();
    for (const id of ['a', 'b', 'c']) {
      project.write({ [`src/require-${id}.ts`]: "export { platform as handler } from 'uses-require';" });
      const entry = project.path(`src/require-${id}.ts`);
      streamingFunction(stack, id, entry, { format: OutputFormat.ESM, cache: false });
    }
    passesSince();
    expect(new Set(assetHashes(stack)).size).toBe(3);
    expect(passesSince()).toBe(2);
  });

  test('get no banner when nothing requires', () => {
    expect(bundle('src/named.ts', { format: OutputFormat.ESM })).not.toContain('createRequire');
  });
});

test('define, loader, banner, footer and charset', () => {
  const text = bundle('src/text.ts', {
    define: { FLAG: '"defined"' },
    loader: { '.txt': 'text' },
    banner: '/* first */',
    footer: '/* last */',
    charset: Charset.UTF8,
  });
  expect(text).toMatch(/^\/\* first \*\/[\s\S]*some text[\s\S]*defined[\s\S]*§[\s\S]*\/\* last \*\/\n$/);
});

test('minify, keepNames, target and inject', () => {
  expect(bundle('src/named.ts', { minify: true }).length).toBeLessThan(bundle('src/named.ts').length);
  expect(bundle('src/named.ts', { minify: true, keepNames: true })).toContain('"Named"');
  expect(bundle('src/named.ts', { inject: ['src/polyfill.ts'] })).toContain('injected');
});

test('conditions choose among the exports of a package', () => {
  expect(bundle('src/conditions.ts')).toContain('default condition');
  expect(bundle('src/conditions.ts', { conditions: ['streaming'] })).toContain('streaming condition');
});

test('mainFields choose the file of a package', () => {
  expect(bundle('src/dual.ts')).toContain('main file');
  expect(bundle('src/dual.ts', { mainFields: ['module', 'main'] })).toContain('module file');
});

test('a named tsconfig is used instead of the nearest, from the project or the working directory', () => {
  project.write({ 'tsconfig.named.json': '{ "compilerOptions": { "paths": { "mapped": ["./src/named.ts"] } } }' });
  const file = project.path('tsconfig.named.json');
  for (const tsconfig of ['tsconfig.named.json', file, path.relative(process.cwd(), file)]) {
    expect(bundle('src/mapped.ts', { tsconfig })).toContain('var Named = class');
  }
});

test('source maps beside, inside, both, and without the comment', () => {
  const names = (options: StreamingBundlingOptions) => fs.readdirSync(synth(project.path('src/named.ts'), options).dir);
  expect(names({ sourceMap: true })).toEqual(['index.js', 'index.js.map']);
  expect(names({ sourceMapMode: SourceMapMode.EXTERNAL })).toEqual(['index.js', 'index.js.map']);
  expect(names({ sourceMapMode: SourceMapMode.INLINE })).toEqual(['index.js']);
  expect(bundle('src/named.ts', { sourceMapMode: SourceMapMode.BOTH })).toContain('sourceMappingURL=data:');
  expect(bundle('src/named.ts', { sourceMapMode: SourceMapMode.EXTERNAL })).not.toContain('sourceMappingURL');
});

test('a loader that writes files puts them into the bundle they belong to', () => {
  const stack = newStack();
  for (const id of ['One', 'Two'])
    streamingFunction(stack, id, project.path('src/files.ts'), { loader: { '.txt': 'file' }, define: { id } });
  for (const hash of assetHashes(stack))
    expect(fs.readdirSync(assetDir(stack, hash))).toEqual([expect.stringMatching(/^a-.*\.txt$/), 'index.js']);
});

test('metafile is about this entry alone', () => {
  const stack = newStack();
  for (const name of ['named', 'large'])
    streamingFunction(stack, name, project.path(`src/${name}.ts`), { metafile: true });
  const [first] = assetHashes(stack).map((hash) =>
    JSON.parse(fs.readFileSync(path.join(assetDir(stack, hash), 'index.meta.json'), 'utf8')),
  );
  expect(Object.keys(first.outputs)).toEqual(['index.js']);
  expect(Object.keys(first.inputs)).toEqual(['node_modules/large/index.js', 'src/large.ts']);
});

test('assetHash stands for the contents, per entry and options', () => {
  const hash = (entry: string, assetHash: string) => synth(project.path(entry), { assetHash }).hash;
  expect(hash('src/named.ts', 'v1')).toBe(hash('src/named.ts', 'v1'));
  expect(new Set([hash('src/named.ts', 'v1'), hash('src/named.ts', 'v2'), hash('src/large.ts', 'v1')]).size).toBe(3);
  expect(hash('src/named.ts', 'v1')).toMatch(/^[0-9a-f]{64}$/);
});

test('an empty assetHash is none: the hash follows the contents', () => {
  const hash = (text: string) => {
    project.write({ 'src/edited.ts': `export const handler = () => '${text}';` });
    return synth(project.path('src/edited.ts'), { assetHash: '' }).hash;
  };
  expect(hash('before')).not.toBe(hash('after'));
});

describe('fails', () => {
  const create =
    (options: StreamingBundlingOptions, runtime = lambda.Runtime.NODEJS_22_X) =>
    () =>
      new lambda.Function(newStack(), 'Fn', {
        code: StreamingCode.fromEntry(project.path('src/named.ts'), options),
        handler: 'index.handler',
        runtime,
      });

  test.each<[string, StreamingBundlingOptions, RegExp]>([
    [
      'sourceMapMode without sourceMap',
      { sourceMap: false, sourceMapMode: SourceMapMode.INLINE },
      /sourceMapMode 'inline' cannot be used with sourceMap: false/,
    ],
    [
      'a tsconfig that is not there',
      { tsconfig: 'nope.json' },
      /tsconfig must name an existing file, got 'nope\.json'/,
    ],
    [
      'a projectRoot that is not there',
      { projectRoot: '/nope' },
      /projectRoot must name an existing directory, got '\/nope'/,
    ],
    [
      'a lock file that is not there',
      { depsLockFilePath: '/nope/package-lock.json' },
      /depsLockFilePath must name a lock file/,
    ],
    [
      'an unknown esbuild flag',
      { esbuildArgs: { '--outdir': 'x' } },
      /esbuildArgs has a flag that cannot be used here: '--outdir'/,
    ],
  ])('for %s, with the construct path', (_name, options, message) => {
    expect(create(options)).toThrow(message);
    expect(create(options)).toThrow("cannot bundle 'Stack/Fn': ");
  });

  test('for ES modules on a runtime too old for them', () => {
    expect(create({ format: OutputFormat.ESM }, lambda.Runtime.NODEJS_12_X)).toThrow(
      /format ESM needs nodejs14\.x or newer/,
    );
  });
});

test('a project without esbuild uses the one beside this package', () => {
  fs.rmSync(project.path('node_modules/esbuild'), { recursive: true });
  expect(bundle('src/named.ts', { define: { fallback: '1' } })).toContain('Named');
});
