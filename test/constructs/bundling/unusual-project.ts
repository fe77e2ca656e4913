/** A project that uses what esbuild allows and few projects do: what is easily forgotten is what makes a cache stale. */
import type { StreamingBundlingOptions } from '../../../src/constructs/streaming-bundling-options';
import type { Subject } from './mutation-kit';
import { UNUSUAL_MUTATIONS } from './unusual-mutations';

const FIELDS = 'export class Fields { field = 1; }';
/** Relative to the base. */
const PATHS = { '@app/*': ['../src/app/*'], '/rooted/*': ['../generated/*', '../src/app/*'] };

const CONFIGS = {
  'tsconfig.json': JSON.stringify({ compilerOptions: { paths: PATHS, baseUrl: './base' } }),
  'src/by-exports/tsconfig.json': '{ "extends": "@acme/tsconfig/strict" }',
  'src/by-exports/fields.ts': FIELDS,
  'src/by-package/tsconfig.json': '{ "extends": ["@acme/tsconfig", "whole-package"] }',
  'src/by-package/fields.ts': FIELDS,
  'node_modules/@acme/tsconfig/package.json': JSON.stringify({
    name: '@acme/tsconfig',
    exports: { '.': { default: './configs/main.json' }, './*': ['./configs/*.json'] },
  }),
  'node_modules/@acme/tsconfig/configs/main.json': '{ "compilerOptions": { "useDefineForClassFields": true } }',
  'node_modules/@acme/tsconfig/configs/strict.json': '{ "extends": "../shared/base.json" }',
  'node_modules/@acme/tsconfig/shared/base.json': '{ "compilerOptions": { "useDefineForClassFields": true } }',
  'node_modules/whole-package/package.json': '{ "exports": "./inside.json" }',
  'node_modules/whole-package/inside.json': '{ "compilerOptions": { "strict": true } }',
  'src/config-dir/tsconfig.json': '{ "extends": "../../conf/base.json" }',
  'src/config-dir/user.ts': "import { here } from '@here/value'; export { here };",
  'src/config-dir/sources/value.ts': "export const here = 'sources';",
  'conf/base.json': JSON.stringify({
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is written like this in a tsconfig
    compilerOptions: { paths: { '@here/*': ['${configDir}/generated/*', '${configDir}/sources/*'] } },
  }),
  'src/linked-config/fields.ts': FIELDS,
  'conf/linked.json': '{ "extends": "./linked-base.json" }',
  'conf/linked-base.json': '{ "compilerOptions": { "useDefineForClassFields": true } }',
  'conf-2/linked.json': '{ "extends": "./linked-base.json" }',
  'conf-2/linked-base.json': '{ "compilerOptions": { "useDefineForClassFields": false } }',
  'src/based/tsconfig.json': '{ "extends": "../../conf/paths.json", "compilerOptions": { "baseUrl": "./base" } }',
  'src/based/user.ts': "import { based } from '@based/value'; export { based };",
  'src/based/base/second/value.ts': "export const based = 'second';",
  'conf/paths.json': '{ "compilerOptions": { "paths": { "@based/*": ["./first/*", "./second/*"] } } }',
  'src/view/tsconfig.json': '{ "compilerOptions": { "jsx": "react-jsx", "jsxImportSource": "jsx-one" } }',
  'src/view/view.tsx': 'export const view = <a/>;',
  'node_modules/jsx-one/jsx-runtime.js': "exports.jsx = () => 'one';",
  'node_modules/jsx-two/jsx-runtime.js': "exports.jsx = () => 'two';",
};

const PACKAGES = {
  'package.json': JSON.stringify({
    name: 'app',
    exports: { './self': './src/self.ts', './missing': './src/missing/it.ts' },
    imports: { '#dep/*': 'dep/*', '#late': './src/late/it.ts' },
  }),
  'src/self.ts': "export const self = 'self';",
  'node_modules/dep/package.json': '{ "name": "dep", "main": "./grammar.peg", "sideEffects": true }',
  'node_modules/dep/index.js': "exports.dep = 'index'; console.log('effect');",
  'node_modules/dep/sub.js': "exports.sub = 'sub';",
  'node_modules/dep/side.js': "console.log('side');",
  'node_modules/exporting/package.json': '{ "exports": { "./*": "./dist/*.js" } }',
  'node_modules/exporting/dist/here.js': "exports.here = 'here';",
  'node_modules/mapped/package.json': '{ "main": "index.js" }',
  'node_modules/mapped/index.js': "exports.mapped = 'mapped';\n//# sourceMappingURL=maps%2Findex.js.map?version=1\n",
  'node_modules/mapped/maps/index.js.map':
    '{ "version": 3, "sourceRoot": "..", "sources": ["ori%67inal.ts"], "mappings": "AAAA", "names": [] }',
  'node_modules/mapped/original.ts': 'original',
  'src/inline.js': `export const inline = 1;\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(
    '{ "version": 3, "sources": ["inline.coffee"], "mappings": "AAAA", "names": [] }',
  ).toString('base64')}\n`,
  'src/inline.coffee': 'inline',
  'node-path/pathed/index.js': "exports.pathed = 'pathed';",
  'node_modules/styles/base.css': 'a { color: red }',
  'shims/alias/deep.ts': "export const deep = 'alias';",
};

const SOURCES = {
  'src/schema.graphql.ts': "export default 'schema.graphql.ts';",
  'src/.config.js': "export default '.config.js';",
  'src/.generated/client.js': "export const client = 'client.js';",
  'src/folder/package.json': '{ "main": "../folder-main-1" }',
  'src/folder-main-1.ts': "export const folder = 'main 1';",
  'src/folder-main-2.ts': "export const folder = 'main 2';",
  'src/Case.ts': "export const cased = 'Case.ts';",
  'src/app/value.ts': "export const rooted = 'src/app';",
  'src/app/$&.ts': "export const dollar = 'dollar';",
  'src/page.html': '<p>',
  'src/icon.png': 'icon',
  'src/data.bin': 'data',
  'src/style.css': '@import "styles/base.css"; b { background: url(icons/i.png) }',
  'node_modules/icons/i.png': 'package icon',
  'v1/value.ts': "export const value = 'v1';",
  'v2/value.ts': "export const value = 'v2';",
  'hop-1/index.js': "exports.hop = 'hop 1';",
  'hop-2/index.js': "exports.hop = 'hop 2';",
  'src/entry.ts': `
    import schema from './schema.graphql';
    import config from './.config';
    import { client } from './.generated/client';
    import { folder } from './folder';
    import { cased } from './Case';
    import { rooted } from '/rooted/value';
    import { dollar } from '@app/$&';
    import { value as dotted } from './api-1.2/value';
    import { value as chained } from './chained/value';
    import { value as file } from './chained-file';
    import { hop } from 'hop';
    import { sub } from '#dep/sub';
    import * as dep from 'dep';
    import 'dep/side';
    import { here } from 'exporting/here';
    import { mapped } from 'mapped';
    import { inline } from './inline';
    import { self } from 'app/self';
    import { pathed } from 'pathed';
    import { deep } from 'aliased/deep';
    import page from './page.html';
    import icon from './icon.png';
    import data from './data.bin';
    import './style.css';
    import * as exported from './by-exports/fields';
    import * as packaged from './by-package/fields';
    import * as linked from './linked-config/fields';
    import { here as placed } from './config-dir/user';
    import { based } from './based/user';
    import { view } from './view/view';
    const optional: unknown[] = [];
    try { optional.push(require('.prisma/client')); } catch {}
    try { optional.push(require('exporting/late')); } catch {}
    try { optional.push(require('app/missing')); } catch {}
    try { optional.push(require('#late')); } catch {}
    try { optional.push(require('pathed/late')); } catch {}
    try { optional.push(require('./cdk.outputs')); } catch {}
    try { optional.push(require('./dangling')); } catch {}
    export const handler = () => [schema, config, client, folder, cased, rooted, dollar, dotted, chained, file, hop, sub, dep,
      here, mapped, inline, self, pathed, deep, page, icon, data, exported, packaged, linked, placed, based, view, optional];`,
  'inner/app/package.json': '{}',
  'inner/app/yarn.lock': '',
  'inner/app/node_modules/.yarn-integrity': '',
  'inner/app/entry.ts': "export * from '../above'; export * from '../linked/value';",
  'inner/above.js': "export const above = 'above.js';",
  'inner/v1/value.ts': "export const value = 'inner v1';",
  'inner/v2/value.ts': "export const value = 'inner v2';",
};

const COMMON: StreamingBundlingOptions = {
  loader: { '.graphql': 'text', '.peg': 'text', '.html': 'text', '.png': 'dataurl', '.bin': 'binary' },
  esbuildArgs: { '--node-paths': 'node-path', '--alias:aliased': './shims/alias' },
};

export const UNUSUAL_PROJECT: Subject = {
  files: { ...CONFIGS, ...PACKAGES, ...SOURCES },
  links: {
    'src/api-1.2': '../v1',
    'src/chained': '../links/current',
    'links/current': '../v1',
    'src/chained-file.ts': '../links/file.ts',
    'links/file.ts': '../v1/value.ts',
    'node_modules/hop': '../packages/hop',
    'packages/hop': '../hop-1',
    'src/linked-config/tsconfig.json': '../../conf-link/linked.json',
    'conf-link': 'conf',
    'src/dangling.ts': '../not-there/dangling.ts',
    'inner/linked': 'v1',
  },
  builds: [
    { entry: 'src/entry.ts', options: { ...COMMON, loader: { ...COMMON.loader, '.bin': 'copy' } } },
    { entry: 'inner/app/entry.ts', options: {} },
    {
      entry: 'src/entry.ts',
      options: {
        ...COMMON,
        loader: { ...COMMON.loader, '.own': 'js' },
        esbuildArgs: { ...COMMON.esbuildArgs, '--resolve-extensions': '.own,.ts,.tsx,.js,.css,.json' },
      },
    },
    { entry: 'src/entry.ts', options: { ...COMMON, sourceMap: true } },
  ],
  mutations: UNUSUAL_MUTATIONS,
};
