import { parseEsbuildArgs } from '../../../../src/constructs/bundling/private/esbuild-args';

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
  [{ '--pure:debug': true }, { pure: ['debug'] }],
  [{ '--out-extension': '.js=.cjs' }, { outExtension: { '.js': '.cjs' } }],
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

test.each(['--outdir', '--outfile', '--bundle', '--splitting', '--watch', 'anything'])('refuses %s', (flag) => {
  expect(() => parseEsbuildArgs({ [flag]: 'x' })).toThrow(`esbuildArgs has a flag that cannot be used here: '${flag}'`);
});
