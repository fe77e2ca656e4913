/** Changes to the unusual project, nearly all of which change a bundle. */
import * as fs from 'node:fs';
import { type Mutation, relink, set, toggle } from './mutation-kit';

const CLASS_FIELDS = (n: number) =>
  `{ "compilerOptions": { "useDefineForClassFields": ${n > 0}, "strict": ${n > 1} } }`;

/** Names that an import comes to by another way than the usual extensions. */
const NAMES: Record<string, Mutation> = {
  'the exact file of an extension of its own': toggle('src/schema.graphql', 'type Query'),
  'an extension of the user': toggle('src/folder-main-1.own', "export const folder = 'own';"),
  'an extension of the user for an import': toggle('src/inline.own', "export const inline = 'own';"),
  'an extension of the user in a package': toggle('node_modules/dep/sub.own', "export const sub = 'own';"),
  'shadow a dot file': toggle('src/.config.ts', "export default '.config.ts';"),
  'shadow in a dot folder': toggle('src/.generated/client.ts', "export const client = 'client.ts';"),
  'another case': toggle('src/case.ts', "export const cased = 'case.ts';"),
  'an extension in capitals': toggle('src/self.TSX', "export const self = 'capitals';"),
  'a missing main appears, with an extension of its own': toggle('node_modules/dep/grammar.peg', 'grammar'),
  'main of a folder leads out of it': set(
    'src/folder/package.json',
    (n) => `{ "main": "../folder-main-${n > 0 ? 1 : 2}", "type": "${n > 1 ? 'module' : 'commonjs'}" }`,
  ),
  'a folder that looks like a cloud assembly': toggle('src/cdk.outputs/index.ts', "export const outputs = '';"),
  'a folder with a file named like the marker of one': toggle('src/cdk.out', ''),
  'an earlier file for a rooted path': toggle('generated/value.ts', "export const rooted = 'generated';"),
  'edit a name with signs of replacement': set('src/app/$&.ts', (n) => `export const dollar = ${n};`),
  'a base directory has a package': toggle('base/dep/sub.ts', "export const sub = 'base';"),
  'a file before a folder': toggle('src/folder.ts', "export const folder = 'file';"),
  'a directory in place of a file, and back': (project) => {
    const [file, directory] = ['src/.config.js', 'src/.config'];
    const isFile = fs.existsSync(project.path(file));
    fs.rmSync(project.path(isFile ? file : directory), { recursive: true });
    project.write({ [isFile ? `${directory}/index.js` : file]: `export default '${isFile ? 'directory' : 'file'}';` });
  },
};

const LINKS: Record<string, Mutation> = {
  'retarget a link with a dot': relink('src/api-1.2', '../v1', '../v2'),
  'retarget a link behind a linked directory': relink('links/current', '../v1', '../v2'),
  'retarget a link behind a linked file': relink('links/file.ts', '../v1/value.ts', '../v2/value.ts'),
  'retarget a link behind a workspace': relink('packages/hop', '../hop-1', '../hop-2'),
  'retarget a link on the way to a tsconfig': relink('conf-link', 'conf', 'conf-2'),
  'retarget a link beside the project': relink('inner/linked', 'v1', 'v2'),
  'a link leads somewhere': toggle('not-there/dangling.ts', "export const dangling = 'dangling';"),
  'shadow above the project': toggle('inner/above.ts', "export const above = 'above.ts';"),
};

const PACKAGES: Record<string, Mutation> = {
  'a package with a dot appears': toggle('node_modules/.prisma/client/index.js', "exports.prisma = '';"),
  'a target of exports appears': toggle('node_modules/exporting/dist/late.js', "exports.late = '';"),
  'a target of exports of the project appears': toggle('src/missing/it.ts', "export const missing = '';"),
  'a target of imports of the project appears': toggle('src/late/it.ts', "export const late = '';"),
  'a module of a package in NODE_PATH appears': toggle('node-path/pathed/late.js', "exports.late = '';"),
  'a package before that in NODE_PATH': toggle('src/node_modules/pathed/index.js', "exports.pathed = 'nearer';"),
  'sideEffects of a package': set('node_modules/dep/package.json', (n) =>
    JSON.stringify({ name: 'dep', main: './grammar.peg', sideEffects: [true, false, ['./index.js']][n] }),
  ),
  'exports of a package': set('node_modules/exporting/package.json', (n) =>
    JSON.stringify({
      exports: {
        './*': [
          './dist/*.js',
          { node: './dist/*.js' },
          { browser: './x.js', require: './dist/*.js', import: './dist/*.js' },
        ][n],
      },
      type: n > 1 ? 'module' : undefined,
    }),
  ),
  'an alias has an earlier file': toggle('shims/alias/deep.tsx', "export const deep = 'deep.tsx';"),
};

const CONTENTS: Record<string, Mutation> = {
  'edit text': set('src/page.html', (n) => `<p>${n}`),
  'edit a data URL': set('src/icon.png', String),
  'edit a copied file': set('src/data.bin', String),
  'edit a style of a package': set('node_modules/styles/base.css', (n) => `a { color: #${n}${n}${n} }`),
  'a style beside before that of a package': toggle('src/styles/base.css', 'a { color: blue }'),
  'a picture beside before that of a package': toggle('src/icons/i.png', 'own icon'),
  'edit an original of an input': set('node_modules/mapped/original.ts', (n) => `original ${n}`),
  'edit an original of an inline map': set('src/inline.coffee', (n) => `inline ${n}`),
  'edit the map of an input': set(
    'node_modules/mapped/maps/index.js.map',
    (
      n,
    ) => `{ "version": 3, "sourceRoot": "..", "sources": ["ori%67inal.ts"], "mappings": "AAAA", "names": ["${n}"], "x_n": ${n},
      "sourcesContent": [${n > 1 ? '"kept"' : 'null'}] }`,
  ),
};

const CONFIGS: Record<string, Mutation> = {
  'edit a tsconfig that exports lead to': set('node_modules/@acme/tsconfig/shared/base.json', CLASS_FIELDS),
  'edit a tsconfig of a package by its name': set('node_modules/@acme/tsconfig/configs/main.json', CLASS_FIELDS),
  'edit a tsconfig that is a whole package': set('node_modules/whole-package/inside.json', CLASS_FIELDS),
  'a nearer package of tsconfigs': toggle('src/node_modules/@acme/tsconfig/strict.json', CLASS_FIELDS(0)),
  'edit the tsconfig a link extends': set('conf/linked-base.json', CLASS_FIELDS),
  'a path of ${configDir} finds an earlier file': toggle(
    'src/config-dir/generated/value.ts',
    "export const here = 'generated';",
  ),
  'a path under the base of another finds an earlier file': toggle(
    'src/based/base/first/value.ts',
    "export const based = 'first';",
  ),
  'the source of JSX': set(
    'src/view/tsconfig.json',
    (n) =>
      `{ "compilerOptions": { "jsx": "react-jsx", "jsxImportSource": "jsx-${n > 0 ? 'one' : 'two'}", "strict": ${n > 1} } }`,
  ),
  'a nearer source of JSX': toggle('src/node_modules/jsx-one/jsx-runtime.js', "exports.jsx = () => 'nearer';"),
};

export const UNUSUAL_MUTATIONS: Record<string, Mutation> = { ...NAMES, ...LINKS, ...PACKAGES, ...CONTENTS, ...CONFIGS };
