import { spawnSync } from 'node:child_process';
import type { BuildOptions } from 'esbuild';
import { parseFlags, writeFlags } from '../../../../src/constructs/bundling/build/esbuild-flags';

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
  expect(parseFlags(args)).toEqual(options);
});

test.each<[BuildOptions, string[]]>([
  [{ bundle: true, absWorkingDir: '/project', minify: false }, ['--bundle', '--minify=false']],
  [
    { target: ['node22', 'es2020'], mainFields: [], conditions: ['a', 'b'] },
    ['--target=node22,es2020', '--conditions=a,b'],
  ],
  [
    { external: ['a', 'b'], drop: ['console'], dropLabels: ['DEV', 'TEST'] },
    ['--external:a', '--external:b', '--drop:console', '--drop-labels=DEV,TEST'],
  ],
  [
    { define: { A: '1', B: '"=b"' }, loader: { '.txt': 'text' } },
    ['--define:A=1', '--define:B="=b"', '--loader:.txt=text'],
  ],
  [
    { mangleProps: /^_/, sourcemap: 'inline', logLimit: 0 },
    ['--mangle-props=^_', '--sourcemap=inline', '--log-limit=0'],
  ],
])('%j is written as flags, which esbuild itself takes', (options, flags) => {
  expect(writeFlags(options)).toEqual(flags);
  const { status, stderr } = spawnSync(
    process.execPath,
    [require.resolve('esbuild/bin/esbuild'), '--bundle', ...flags],
    {
      input: 'export const a = 1;',
      encoding: 'utf8',
    },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('what is written is read as it was', () => {
  const flags = [
    'alias:a=./b',
    'drop-labels=A,B',
    'keep-names',
    'legal-comments=none',
    'log-limit=3',
    'reserve-props=x$',
    'pure:f',
  ];
  const parsed = parseFlags(
    Object.fromEntries(
      flags
        .map((flag) => [`--${flag}`, true] as const)
        .map(([flag]) => {
          const at = flag.indexOf('=');
          return at < 0 ? [flag, true] : [flag.slice(0, at), flag.slice(at + 1)];
        }),
    ),
  );
  expect(writeFlags(parsed)).toEqual(flags.map((flag) => `--${flag}`));
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
  const parse = () => parseFlags({ [flag]: 'x' });
  expect(parse).toThrow(`esbuildArgs has a flag that cannot be used here: '${flag}'. Allowed are`);
  expect(parse).toThrow('--alias, --allow-overwrite, ');
});

test.each([
  ['--minify', 'maybe', "must be true, false, 'true' or 'false', got 'maybe'"],
  ['--log-limit', 'x', "must be a whole number, such as '0', got 'x'"],
  ['--mangle-props', '(', 'must be a regular expression (Invalid regular expression: '],
  ['--format', 'iife', "must be 'cjs' or 'esm', got 'iife'"],
])('refuses %s=%s', (flag, value, message) => {
  expect(() => parseFlags({ [flag]: value })).toThrow(`the flag ${flag} in esbuildArgs ${message}`);
});
