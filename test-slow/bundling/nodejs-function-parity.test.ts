/** Option by option, the asset hash is that of the real `NodejsFunction`: moving over deploys nothing new. */
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as nodejs from 'aws-cdk-lib/aws-lambda-nodejs';
import { StreamingCode } from '../../src/constructs/streaming-code';
import { nodejsFunctionHash, oracleProject } from '../../test/constructs/bundling/nodejs-function-oracle';
import { assetHashes, newStack, removeProjects } from '../../test/constructs/bundling/project';

afterAll(removeProjects);

const project = oracleProject({
  'src/handler.ts': `
    import { Logger } from '@aws-sdk/nothing';
    import { smithy } from '@smithy/nothing';
    import old from 'aws-sdk';
    import { which } from 'dual';
    import sub from 'left-out/sub';
    import { deep } from './lib';
    import text from './a.txt';
    class Named { field = 1; mangled_ = FLAG; }
    interface Event { readonly name: string }
    DEV: console.log('development');
    export const handler = async ({ name }: Event) =>
      [new Logger(), smithy, old, which, sub, deep?.(name) ?? 'text', process.env.DEBUG, text, new Named(), await import('./later')];`,
  'src/lib/index.ts': "export * from './deep';",
  'src/lib/deep.ts': '/*! license */ export const deep = (text: string) => text.toUpperCase();',
  'src/later.ts': "export const later = 'ünïcode';",
  'src/a.txt': 'some text',
  'src/shim.ts': "console.log('shim');",
  'tsconfig.json': '{ "compilerOptions": { "target": "ES2022", "useDefineForClassFields": false } }',
  'tsconfig.alt.json': '{ "compilerOptions": { "target": "ES2022", "useDefineForClassFields": true } }',
  'node_modules/@aws-sdk/nothing/index.js': 'exports.Logger = class Logger {};',
  'node_modules/@smithy/nothing/index.js': "exports.smithy = 'smithy';",
  'node_modules/aws-sdk/index.js': "module.exports = 'version 2';",
  'node_modules/left-out/sub.js': "module.exports = 'sub';",
  'node_modules/dual/package.json': '{ "main": "main.js", "module": "module.js" }',
  'node_modules/dual/main.js': "exports.which = 'main';",
  'node_modules/dual/module.js': "export const which = 'module';",
});

const COMMON: nodejs.BundlingOptions = {
  define: { FLAG: '1' },
  loader: { '.txt': 'text' },
  logLevel: nodejs.LogLevel.SILENT,
};
const { NODEJS_16_X, NODEJS_20_X, NODEJS_22_X, NODEJS_LATEST } = lambda.Runtime;
const REQUIRE = "import { createRequire } from 'module'; const require = createRequire(import.meta.url);";

test.each<[string, nodejs.BundlingOptions, lambda.Runtime?, Record<string, unknown>?]>([
  ['nothing', {}],
  ['Node.js 16', {}, NODEJS_16_X],
  ['Node.js 20', {}, NODEJS_20_X],
  ['the latest Node.js', {}, NODEJS_LATEST],
  ['the flag for @smithy', {}, NODEJS_22_X, { '@aws-cdk/aws-lambda-nodejs:sdkV3ExcludeSmithyPackages': true }],
  ['minify', { minify: true }],
  ['keepNames', { minify: true, keepNames: true }],
  ['target', { target: 'es2018,node14' }],
  ['sourceMap', { sourceMap: true }],
  ['sourceMap and minify', { sourceMap: true, minify: true }],
  ['sourceMapMode default', { sourceMapMode: nodejs.SourceMapMode.DEFAULT }],
  ['sourceMapMode inline', { sourceMapMode: nodejs.SourceMapMode.INLINE }],
  ['sourceMapMode external', { sourceMapMode: nodejs.SourceMapMode.EXTERNAL }],
  ['sourceMapMode both', { sourceMapMode: nodejs.SourceMapMode.BOTH }],
  ['sourcesContent', { sourceMap: true, sourcesContent: false }],
  ['format CJS', { format: nodejs.OutputFormat.CJS }],
  ['format ESM', { format: nodejs.OutputFormat.ESM, banner: REQUIRE, mainFields: ['module', 'main'] }],
  ['define', { define: { FLAG: JSON.stringify('it\'s "quoted" $HOME') } }],
  ['banner and footer', { banner: '/* first\n line */', footer: '/* last */' }],
  ['loader file', { loader: { '.txt': 'file' } }],
  ['loader copy', { loader: { '.txt': 'copy' } }],
  ['externalModules', { externalModules: ['left-out/*', 'dual'] }],
  ['externalModules, none', { externalModules: [] }],
  ['bundleAwsSDK', { bundleAwsSDK: true }],
  ['mainFields', { mainFields: ['module', 'main'] }],
  ['tsconfig', { tsconfig: project.path('tsconfig.alt.json') }],
  ['inject', { inject: ['./src/shim.ts'] }],
  ['environment', { environment: { NODE_PATH: project.path('src') } }],
  ['--tsconfig', { esbuildArgs: { '--tsconfig': 'tsconfig.alt.json' } }],
  ['--minify=false', { minify: true, esbuildArgs: { '--minify': 'false' } }],
  ['--target', { target: 'node20', esbuildArgs: { '--target': 'es2017' } }],
  ['--define', { esbuildArgs: { '--define:FLAG': '2' } }],
  ['--external', { esbuildArgs: { '--external:dual': true } }],
  ['--packages', { esbuildArgs: { '--packages': 'external' } }],
  ['--sourcemap', { esbuildArgs: { '--sourcemap': true } }],
  ['--source-root', { sourceMap: true, esbuildArgs: { '--source-root': 'root' } }],
  ['--alias', { esbuildArgs: { '--alias': 'dual=left-out/sub' } }],
  ['--drop, --drop-labels', { esbuildArgs: { '--drop': 'debugger', '--drop-labels': 'DEV' } }],
  ['--legal-comments', { esbuildArgs: { '--legal-comments': 'external' } }],
  ['--mangle-props', { esbuildArgs: { '--mangle-props': '_$', '--reserve-props': '^__' } }],
  ['--supported', { esbuildArgs: { '--supported:arrow': 'false' } }],
  ['--charset', { esbuildArgs: { '--charset': 'utf8' } }],
  ['--conditions, --main-fields', { esbuildArgs: { '--conditions': 'a,b', '--main-fields': 'module,main' } }],
  ['--asset-names', { loader: { '.txt': 'file' }, esbuildArgs: { '--asset-names': 'assets/[name]' } }],
])('%s', (_name, options, runtime = NODEJS_22_X, context = {}) => {
  const bundling: nodejs.BundlingOptions = {
    ...COMMON,
    ...options,
    define: { ...COMMON.define, ...options.define },
    loader: { ...COMMON.loader, ...options.loader },
  };
  const stack = newStack({ context });
  const code = StreamingCode.fromEntry(project.path('src/handler.ts'), { ...bundling, cache: false });
  new lambda.Function(stack, 'Fn', { code, handler: 'index.handler', runtime });
  expect(assetHashes(stack)).toEqual([nodejsFunctionHash(project, bundling, runtime, { context })]);
});
