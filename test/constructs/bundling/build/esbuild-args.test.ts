import { parseEsbuildArgs } from '../../../../src/constructs/bundling/build/esbuild-args';

test.each<[Record<string, string | boolean>, object]>([
  [{ '--log-limit': '0' }, { logLimit: 0 }],
  [
    { '--keep-names': true, '--minify-syntax': '' },
    { keepNames: true, minifySyntax: true },
  ],
  [{ '--tree-shaking': 'false' }, { treeShaking: false }],
  [{ '--splitting': false }, {}],
  [{ '--alias': 'a=./b' }, { alias: { a: './b' } }],
  [{ '--alias:a': './b', '--alias:c': 'd=e' }, { alias: { a: './b', c: 'd=e' } }],
  [{ '--drop': 'console', '--drop:debugger': true }, { drop: ['console', 'debugger'] }],
  [{ '--drop-labels': 'DEV,TEST' }, { dropLabels: ['DEV', 'TEST'] }],
  [{ '--pure:debug': true }, { pure: ['debug'] }],
  [{ '--external:left-out': '' }, { external: ['left-out'] }],
  [{ '--conditions': 'a,b' }, { conditions: ['a', 'b'] }],
  [{ '--supported:top-level-await': 'true' }, { supported: { 'top-level-await': true } }],
  [{ '--sourcemap': true }, { sourcemap: true }],
  [{ '--sourcemap': 'inline' }, { sourcemap: 'inline' }],
  [{ '--mangle-props': '^_' }, { mangleProps: /^_/ }],
  [
    { '--legal-comments': 'none', '--packages': 'external' },
    { legalComments: 'none', packages: 'external' },
  ],
])('%j', (args, options) => {
  expect(parseEsbuildArgs(args)).toEqual(options);
});

test.each([
  '--outdir',
  '--outfile',
  // Lambda loads index.js or index.mjs, by the format; under another name or extension it would not find the handler.
  '--out-extension',
  '--entry-names',
  '--bundle',
  '--splitting',
  '--mangle-cache',
  '--outbase',
  '--watch',
  // Not on esbuild's command line either, where the names follow an equals sign.
  '--drop-labels:DEV',
  'anything',
])('refuses %s', (flag) => {
  const parse = () => parseEsbuildArgs({ [flag]: 'x' });
  expect(parse).toThrow(`esbuildArgs has a flag that cannot be used here: '${flag}'. Allowed are`);
  expect(parse).toThrow('--alias, --allow-overwrite, ');
});

test.each([
  ['--minify', 'maybe', "must be true, false, 'true' or 'false', got: 'maybe'"],
  ['--log-limit', 'x', "must be a whole number, such as '0', got: 'x'"],
  ['--mangle-props', '(', 'must be a regular expression (Invalid regular expression: '],
  ['--format', 'iife', "must be 'cjs' or 'esm', got: 'iife'"],
])('refuses %s=%s', (flag, value, message) => {
  expect(() => parseEsbuildArgs({ [flag]: value })).toThrow(`the flag ${flag} in esbuildArgs ${message}`);
});
