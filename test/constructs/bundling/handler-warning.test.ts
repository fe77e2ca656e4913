/** The warning about a handler that the bundle does not export: it must never be wrong, and may be missing. */
import { execFileSync } from 'node:child_process';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Charset, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { type AppProps, Aspects, Lazy, type Stack } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import type { StreamingBundlingOptions } from '../../../src/constructs/streaming-bundling-options';
import { StreamingCode } from '../../../src/constructs/streaming-code';
import { StreamingFunction } from '../../../src/constructs/streaming-function';
import { assetDir, assetHashes, newStack, Project, passesSince, removeProjects, settled } from './project';

afterAll(removeProjects);

const ENTRIES: Record<string, string> = {
  'named.ts': 'export const main = 1; export const other = 2; export type Handler = string;',
  'nothing.ts': "import * as os from 'node:os'; console.log('Cannot find module', os.EOL);",
  'letters.ts': 'export const gr\u00f6\u00dfe = 1;',
  'types.ts': 'export interface Handler {}',
  'nested.ts': 'export const main = { inner: () => 1 };',
  'default-export.ts': 'export default { handler: () => 1 };',
  'renamed.ts': 'const h = () => 1; export { h as handler };',
  'quoted.ts': 'const h = () => 1; export { h as "a-b" };',
  'star.ts': "export * from './renamed';",
  'star-commonjs.ts': "export * from './commonjs'; export const main = 1;",
  'star-external.ts': "export * from 'left-out'; export const main = 1;",
  'commonjs.js': 'exports.handler = () => 1;',
  'assigned.js': 'module.exports = { handler: () => 1 };',
  'equals.ts': 'const handler = () => 1; export = { handler };',
  'mixed.ts': 'export const main = 1; module.exports.handler = () => 1;',
  'computed.ts': "export const main = 1; module['exports'].handler = () => 1;",
  'passed.ts': 'export const main = 1; const add = (to: any) => { to.exports.handler = () => 1; }; add(module);',
  'wrapped.ts':
    'export const main = 1; const wrap = (to: object) => to; const all = { handler: () => 1 }; module.exports = wrap(all);',
  'script.ts': 'declare const module: any; module.exports.handler = () => 1;',
  'namespace.ts': "import * as dep from './default-export'; export const main = () => dep;",
  'namespace-and-default.ts':
    "import * as dep from './named'; export const main = () => dep; export default { handler: main };",
  'itself.ts':
    "export const main = 1; export const again = () => require('./itself'); export default { handler: main };",
  'uses-commonjs.ts': "import { handler } from './commonjs'; export const main = handler;",
};

const project = Project.create({
  ...Object.fromEntries(Object.entries(ENTRIES).map(([name, text]) => [`src/${name}`, text])),
  'node_modules/left-out/index.js': 'exports.handler = () => 1;',
});

function stackWith(
  entry: string,
  handler = 'index.handler',
  options: StreamingBundlingOptions = {},
  props: AppProps = {},
): Stack {
  const stack = newStack(props);
  const code = StreamingCode.fromEntry(project.path(`src/${entry}`), {
    cache: false,
    externalModules: ['left-out'],
    ...options,
  });
  new lambda.Function(stack, 'Fn', { code, handler, runtime: lambda.Runtime.NODEJS_22_X });
  return stack;
}

const resourceOf = (fn?: IConstruct): lambda.CfnFunction => fn?.node.defaultChild as lambda.CfnFunction;

const warningsOf = (stack: Stack): string[] =>
  Annotations.fromStack(stack)
    .findWarning('*', Match.stringLikeRegexp('HandlerNotExported'))
    .map(({ entry }) => String(entry.data));

const { CJS, ESM } = OutputFormat;

test.each<[string, string, string, OutputFormat[]]>([
  ['named.ts', 'index.handler', "does not export 'handler'; it exports main, other", [CJS, ESM]],
  ['nothing.ts', 'index.handler', 'it exports nothing', [CJS, ESM]],
  ['types.ts', 'index.handler', 'it exports nothing', [CJS, ESM]],
  ['nested.ts', 'index.handler.inner', "does not export 'handler'; it exports main", [CJS, ESM]],
  ['quoted.ts', 'index.handler', 'it exports a-b', [CJS, ESM]],
  ['star.ts', 'index.main', "does not export 'main'; it exports handler", [CJS, ESM]],
  ['uses-commonjs.ts', 'index.handler', 'it exports main', [CJS, ESM]],
  ['namespace.ts', 'index.handler', "does not export 'handler'; it exports main", [CJS, ESM]],
])('%s with %s: the exports are named', (entry, handler, text, formats) => {
  for (const format of formats) {
    for (const minify of [false, true]) {
      expect(warningsOf(stackWith(entry, handler, { format, minify }))).toEqual([expect.stringContaining(text)]);
    }
  }
});

/** What Node.js finds in the bundle, as Lambda's runtime looks for it. */
function hasHandler(stack: Stack, format: OutputFormat): boolean {
  const dir = assetDir(stack, assetHashes(stack)[0] ?? '');
  const script = `import(${JSON.stringify(`${dir}/index.${format === ESM ? 'mjs' : 'js'}`)}).then((found) => {
    const module = ${format === CJS} ? found['module.exports'] ?? found.default : found;
    console.log(Boolean(module.handler ?? module.default?.handler)); }, () => console.log('false'))`;
  const env = { ...process.env, NODE_PATH: project.path('node_modules') };
  return execFileSync(process.execPath, ['-e', script], { encoding: 'utf8', env }).includes('true');
}

test.each(Object.keys(ENTRIES))('%s: no warning where Node.js finds the handler', (entry) => {
  for (const [format, minify] of [
    [CJS, false],
    [CJS, true],
    [ESM, false],
  ] as const) {
    const stack = stackWith(entry, 'index.handler', { format, minify });
    if (warningsOf(stack).length > 0) expect(hasHandler(stack, format)).toBe(false);
  }
});

test.each<[string, StreamingBundlingOptions]>([
  ['keepNames', { keepNames: true, minify: true }],
  ['banner and footer', { banner: '/* default: () => 1 */', footer: '// { default: () => 1' }],
  ['an old target', { target: 'es2015' }],
  ['functions instead of arrows', { esbuildArgs: { '--supported:arrow': 'false' } }],
  ['minified syntax', { esbuildArgs: { '--minify-syntax': true } }],
  ['minified names', { esbuildArgs: { '--minify-identifiers': true } }],
  ['minified spaces', { esbuildArgs: { '--minify-whitespace': true } }],
])('%s: only a default export of the entry itself counts', (_name, options) => {
  expect(warningsOf(stackWith('namespace.ts', 'index.handler', options))).toHaveLength(1);
  expect(warningsOf(stackWith('namespace-and-default.ts', 'index.handler', options))).toEqual([]);
});

test('a name beyond ASCII is told as it is written', () => {
  const warnings = warningsOf(stackWith('letters.ts', 'index.handler', { charset: Charset.UTF8 }));
  expect(warnings).toEqual([expect.stringContaining('it exports gr\u00f6\u00dfe')]);
});

test.each([
  ['a path', '/opt/nodejs/wrapper.handler'],
  ['the file with a path that leads to it', './index.main'],
  ['a token', Lazy.string({ produce: () => 'wrapper.handler' })],
  ['an export that is there', 'index.main'],
])('no warning for %s', (_name, handler) => {
  expect(warningsOf(stackWith('named.ts', handler))).toEqual([]);
});

describe('a file that the bundle does not have', () => {
  test.each([
    ['named.handler', "the handler is 'named.handler', but the bundle has the file 'index' only"],
    ['src/index.main', "the handler is 'src/index.main', but the bundle has the file 'index' only"],
    ['main', "must name the file 'index' and an export of it, got 'main'; write 'index.main'"],
    ['index.', "got 'index.'; write 'index.handler'"],
  ])('%p is warned about, with what to write', (handler, text) => {
    for (const entry of ['named.ts', 'commonjs.js']) {
      expect(warningsOf(stackWith(entry, handler))).toEqual([expect.stringContaining(text)]);
    }
    expect(warningsOf(stackWith('named.ts', 'chat.other'))).toEqual([expect.stringContaining("write 'index.other'")]);
  });

  test('may come from a layer, also from one that is added later', () => {
    const stacks = [1, 2, 3].map(() => stackWith('named.ts', 'wrapper.handler'));
    const arn = 'arn:aws:lambda:eu-west-1:123456789012:layer:wrapper:1';
    const [added, overridden, set] = stacks.map((stack) => stack.node.findChild('Fn') as lambda.Function);
    added?.addLayers(lambda.LayerVersion.fromLayerVersionArn(added, 'Layer', arn));
    resourceOf(overridden).addPropertyOverride('Layers', [arn]);
    resourceOf(set).layers = [arn];
    expect(stacks.flatMap(warningsOf)).toEqual([]);
  });

  test.each<[string, StreamingBundlingOptions]>([
    ['command hooks', { commandHooks: { beforeBundling: () => [], beforeInstall: () => [], afterBundling: () => [] } }],
    ['a loader', { loader: { '.txt': 'copy' } }],
    ['a loader among the flags', { esbuildArgs: { '--loader:.txt': 'file' } }],
  ])('may be written by %s', (_name, options) => {
    expect(warningsOf(stackWith('named.ts', 'wrapper.handler', options))).toEqual([]);
  });

  test('means something else to another runtime', () => {
    const stack = stackWith('named.ts', 'bootstrap.main', { runtime: lambda.Runtime.NODEJS_22_X });
    resourceOf(stack.node.findChild('Fn')).runtime = 'provided.al2023';
    expect(warningsOf(stack)).toEqual([]);
  });

  test('is not looked for where nothing was bundled', () => {
    const stack = stackWith('named.ts', 'wrapper.handler', {}, { context: { 'aws:cdk:bundling-stacks': [] } });
    expect(warningsOf(stack)).toEqual([]);
  });
});

test('no warning for a handler that an aspect or an override sets later', () => {
  const withAspect = stackWith('named.ts');
  Aspects.of(withAspect).add({
    visit: (node) => {
      if (node instanceof lambda.CfnFunction) node.handler = 'index.main';
    },
  });
  const withOverride = stackWith('named.ts');
  resourceOf(withOverride.node.findChild('Fn')).addPropertyOverride('Handler', 'index.main');
  expect([...warningsOf(withAspect), ...warningsOf(withOverride)]).toEqual([]);
});

test('no warning after command hooks, which may have written anything', () => {
  const commandHooks = { beforeBundling: () => [], beforeInstall: () => [], afterBundling: () => [] };
  expect(warningsOf(stackWith('named.ts', 'index.handler', { commandHooks }))).toEqual([]);
});

test('a bundle from the cache is warned about as well', async () => {
  await settled();
  expect(warningsOf(stackWith('named.ts', 'index.main', { cache: true }))).toEqual([]);
  passesSince();
  expect(warningsOf(stackWith('named.ts', 'index.wrong', { cache: true }))).toEqual([
    expect.stringMatching(
      /the handler is 'index\.wrong'.*it exports main, other \[ack: cdk-lambda-streaming:HandlerNotExported\]/,
    ),
  ]);
  expect(passesSince()).toBe(0);
});

test('an empty handler of a streaming function is refused', () => {
  const entry = project.path('src/named.ts');
  expect(() => new StreamingFunction(newStack(), 'Fn', { entry, handler: '' })).toThrow(
    "[Stack] Fn: handler must name an export of the entry, such as 'handler' or 'index.handler', got",
  );
});

test('a streaming function names its export only', () => {
  const stack = newStack();
  new StreamingFunction(stack, 'Fn', { entry: project.path('src/named.ts'), handler: 'mian' });
  Template.fromStack(stack);
  expect(warningsOf(stack)).toEqual([expect.stringContaining("the handler is 'index.mian'")]);
});
