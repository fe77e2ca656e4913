/** A project that uses what most projects use, with changes that may or may not matter to its bundles. */
import * as fs from 'node:fs';
import type { StreamingBundlingOptions } from '../../../src/constructs/streaming-bundling-options';
import { type Mutation, relink, type Subject, set, toggle, touch } from './mutation-kit';

const FILES = {
  'package.json': JSON.stringify({ name: 'app', imports: { '#internal': './src/internal/one.ts' } }),
  'tsconfig.json':
    '{ // comments are allowed\n "extends": "./tsconfig.base.json", "compilerOptions": { "strict": true, } }',
  'tsconfig.base.json': JSON.stringify({
    extends: 'shared-config/tsconfig.json',
    compilerOptions: { paths: { '@app/*': ['./generated/*', './src/app/*'] }, useDefineForClassFields: true },
  }),
  'tsconfig.custom.json': '{ "extends": "./tsconfig.json", "compilerOptions": { "useDefineForClassFields": false } }',
  'node_modules/shared-config/tsconfig.json': '{ "compilerOptions": { "experimentalDecorators": false } }',
  'src/entry.ts': `
    import { plain } from './lib/plain';
    import { index } from './lib/folder';
    import { linked } from './linked/value';
    import { single } from './single';
    import data from './data.json';
    import { mapped } from '@app/mapped';
    import { internal } from '#internal';
    import { dep } from 'dep';
    import { sub } from 'dep/sub';
    import { scoped } from '@scope/pkg';
    import { workspace } from '@ws/shared';
    import { outer } from '../outer/outer';
    let optional: unknown, local: unknown, deep: unknown;
    try { optional = require('optional-dep'); } catch {}
    try { local = require('./optional-local'); } catch {}
    try { deep = require('dep/optional/deep'); } catch {}
    class Fields { field = 1; }
    export const handler = () => [plain, index, linked, single, data, mapped, internal, dep, sub, scoped, workspace,
      outer, optional, local, deep, new Fields()];`,
  'src/lib/plain.js': "export const plain = 'plain.js';",
  'src/lib/folder/index.js': "export const index = 'folder/index.js';",
  'src/v1/value.ts': "export const linked = 'v1';",
  'src/v2/value.ts': "export const linked = 'v2';",
  'src/single-1.ts': 'export const single = 1;',
  'src/single-2.ts': 'export const single = 2;',
  'src/data.json': '{ "value": 0 }',
  'src/app/mapped.ts': "export const mapped = 'src/app';",
  'src/internal/one.ts': "export const internal = 'one';",
  'src/internal/two.ts': "export const internal = 'two';",
  'src/inject.ts': "export const injected = 'inject'; console.log(injected);",
  'outer/alias.ts': "export const workspace = 'alias.ts';",
  'outer/outer.ts': "export const outer = 'outer';",
  'node_modules/dep/package.json': JSON.stringify({ name: 'dep', main: 'one.js' }),
  'node_modules/dep/one.js': "exports.dep = 'one'; require('transitive');",
  'node_modules/dep/two.js': "exports.dep = 'two'; //# sourceMappingURL=two.js.map",
  'node_modules/dep/sub.js': "exports.sub = 'sub';",
  'node_modules/transitive/index.js': "console.log('transitive at root');",
  'node_modules/@scope/pkg/package.json': JSON.stringify({
    name: '@scope/pkg',
    exports: { '.': { import: './a.mjs', default: './b.js' } },
  }),
  'node_modules/@scope/pkg/a.mjs': "export const scoped = 'a';",
  'node_modules/@scope/pkg/b.js': "exports.scoped = 'b';",
  'packages/shared/package.json': JSON.stringify({ name: '@ws/shared', main: './dist/index.js' }),
  'packages/shared/index.ts': "export const workspace = 'source';",
  'packages/other/package.json': JSON.stringify({ name: '@ws/shared', main: 'main.ts' }),
  'packages/other/main.ts': "export const workspace = 'other';",
  'node-path/elsewhere/index.js': "exports.elsewhere = 'elsewhere';",
};

/** The same entry under options that make esbuild look at different files. */
const OPTIONS: readonly StreamingBundlingOptions[] = [
  {},
  { minify: true, tsconfig: 'tsconfig.custom.json' },
  { sourceMap: true, inject: ['./src/inject.ts'] },
  { esbuildArgs: { '--alias:@ws/shared': './outer/alias', '--conditions': 'custom' }, mainFields: ['module', 'main'] },
];

const MUTATIONS: Record<string, Mutation> = {
  'edit the entry': (project) => fs.appendFileSync(project.path('src/entry.ts'), '\nconsole.log();'),
  'edit a module': set('src/lib/plain.js', (n) => `export const plain = 'edit ${n}';`),
  'edit a module, keeping its size and time': (project, random) => {
    const file = project.path('src/internal/one.ts');
    const { atime, mtime } = fs.statSync(file);
    fs.writeFileSync(file, `export const internal = 'on${Math.floor(random() * 3)}';`);
    fs.utimesSync(file, atime, mtime);
  },
  'edit json': set('src/data.json', (n) => `{ "value": ${n} }`),
  'edit an injected file': set('src/inject.ts', (n) => `console.log(${n});`),
  'shadow by .ts': toggle('src/lib/plain.ts', "export const plain = 'plain.ts';"),
  'shadow by .tsx': toggle('src/lib/plain.tsx', "export const plain = 'plain.tsx';"),
  'shadow by a file without extension': toggle('src/single.json', '{ "single": "json" }'),
  'file before folder': toggle('src/lib/folder.ts', "export const index = 'folder.ts';"),
  'index.ts before index.js': toggle('src/lib/folder/index.ts', "export const index = 'folder/index.ts';"),
  'package.json of a folder': toggle('src/lib/folder/package.json', '{ "main": "./other.js" }'),
  'main of a folder': toggle('src/lib/folder/other.js', "export const index = 'folder/other.js';"),
  'shadow outside of src': toggle('outer/outer.tsx', "export const outer = 'outer.tsx';"),
  'shadow an alias': toggle('outer/alias.tsx', "export const workspace = 'alias.tsx';"),
  'retarget a linked directory': relink('src/linked', 'v1', 'v2'),
  'retarget a linked file': relink('src/single.ts', 'single-1.ts', 'single-2.ts'),
  'edit behind a link': set('src/v1/value.ts', (n) => `export const linked = 'v1 ${n}';`),
  'path mapping finds an earlier file': toggle('generated/mapped.ts', "export const mapped = 'generated';"),
  'path mapping finds an earlier folder': toggle(
    'generated/mapped/index.ts',
    "export const mapped = 'generated folder';",
  ),
  'edit tsconfig': set(
    'tsconfig.json',
    (n) => `{ "extends": "./tsconfig.base.json", "compilerOptions": { "useDefineForClassFields": ${n > 0} } }`,
  ),
  'edit the tsconfig that is extended': set('tsconfig.base.json', (n) =>
    JSON.stringify({
      extends: n === 1 ? undefined : ['shared-config/tsconfig.json'],
      compilerOptions: { paths: { '@app/*': n === 2 ? ['./src/app/*'] : ['./generated/*', './src/app/*'] } },
    }),
  ),
  'edit the tsconfig of a package': set(
    'node_modules/shared-config/tsconfig.json',
    (n) => `{ "compilerOptions": { "useDefineForClassFields": ${n === 1} } }`,
  ),
  'edit the tsconfig that is named': set(
    'tsconfig.custom.json',
    (n) => `{ "compilerOptions": { "useDefineForClassFields": ${n === 1}, "paths": { "@app/*": ["./src/app/*"] } } }`,
  ),
  'a nearer tsconfig': toggle(
    'src/tsconfig.json',
    '{ "compilerOptions": { "useDefineForClassFields": false, "paths": { "@app/*": ["./app/*"] } } }',
  ),
  'a jsconfig in a folder': toggle('src/lib/jsconfig.json', '{ "compilerOptions": { "alwaysStrict": true } }'),
  'imports of the project': set('package.json', (n) =>
    JSON.stringify({
      name: 'app',
      imports: { '#internal': `./src/internal/${n > 0 ? 'one' : 'two'}.ts` },
      type: n > 1 ? 'module' : undefined,
    }),
  ),
  'sideEffects of a folder': toggle('src/internal/package.json', '{ "sideEffects": false, "type": "module" }'),
  'main of a package': set('node_modules/dep/package.json', (n) =>
    JSON.stringify({ name: 'dep', main: n > 0 ? 'one.js' : 'two.js', module: n > 1 ? 'two.js' : undefined }),
  ),
  'exports of a package': set('node_modules/@scope/pkg/package.json', (n) =>
    JSON.stringify({
      name: '@scope/pkg',
      exports: [{ import: './a.mjs', default: './b.js' }, './b.js', { custom: './b.js', default: './a.mjs' }][n],
    }),
  ),
  'patch a package': set('node_modules/dep/one.js', (n) => `exports.dep = 'patched ${n}'; require('transitive');`),
  'patch a package deep inside': set('node_modules/dep/sub.js', (n) => `exports.sub = 'patched ${n}';`),
  'shadow inside a package': toggle('node_modules/dep/sub.ts', "export const sub = 'sub.ts';"),
  'a nested node_modules': toggle('src/node_modules/dep/index.js', "exports.dep = 'nested'; exports.sub = '';"),
  'a nested node_modules for sub': toggle('src/node_modules/dep/sub.js', "exports.sub = 'nested';"),
  'a nested scoped package': toggle('src/node_modules/@scope/pkg/index.js', "exports.scoped = 'nested';"),
  'a nested version of a package of a package': toggle(
    'node_modules/dep/node_modules/transitive/index.js',
    "console.log('nested');",
  ),
  'a file beside packages': toggle('node_modules/dep.ts', "export const dep = 'file';"),
  'an optional package appears': toggle('node_modules/optional-dep/index.js', "module.exports = 'optional';"),
  'an optional module appears': toggle('src/optional-local.ts', "export default 'optional';"),
  'an optional folder appears': toggle('src/optional-local/index.js', "module.exports = 'folder';"),
  'an optional part of a package appears': toggle('node_modules/dep/optional/deep.js', "module.exports = 'deep';"),
  'retarget a workspace': relink('node_modules/@ws/shared', '../../packages/shared', '../../packages/other'),
  'build a workspace': toggle('packages/shared/dist/index.js', "exports.workspace = 'built';"),
  'edit a workspace': set('packages/shared/index.ts', (n) => `export const workspace = 'source ${n}';`),
  'main of a workspace': set('packages/other/package.json', (n) =>
    JSON.stringify({ name: '@ws/shared', main: n > 0 ? 'main.ts' : '../shared/index.ts' }),
  ),
  'edit the lock file': set('package-lock.json', (n) => `{ "lockfileVersion": ${n} }`),
  'a source map of a package': toggle(
    'node_modules/dep/two.js.map',
    '{"version":3,"sources":["original.js"],"mappings":"AAAA","names":[]}',
  ),
  'an unrelated file': toggle('README.md', 'read me'),
  'an unrelated source file': toggle('src/unrelated.ts', 'export {};'),
  'write a file anew': touch('src/lib/plain.js'),
};

export const EVERYDAY_PROJECT: Subject = {
  files: FILES,
  links: { 'src/linked': 'v1', 'src/single.ts': 'single-1.ts', 'node_modules/@ws/shared': '../../packages/shared' },
  builds: OPTIONS.map((options) => ({ entry: 'src/entry.ts', options })),
  mutations: MUTATIONS,
};
