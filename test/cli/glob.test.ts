import { globMatcher } from '../../src/cli/glob';

/** What the cdk CLI decides by: installed, but not for us. */
const picomatch: (
  patterns: readonly string[],
  options: { dot: true },
) => (path: string) => boolean = require('picomatch');

const PATTERNS = [
  ...[
    'README.md',
    'cdk*.json',
    '**/*.d.ts',
    '**/*.js',
    'tsconfig.json',
    'package*.json',
    'yarn.lock',
    'node_modules',
    'test',
  ],
  ...[
    '**',
    '*',
    '**/test/**',
    'src/**',
    'src/**/*.ts',
    'a?c.ts',
    '*.{js,ts}',
    '{src,lib}/**/*.ts',
    '[ab]*.ts',
    '[!a]*.ts',
    '**/__pycache__',
  ],
];
const PATHS = [
  ...[
    'README.md',
    'readme.md',
    'src/README.md',
    'cdk.json',
    'cdk.context.json',
    'src/cdk.json',
    'x.d.ts',
    'src/deep/x.d.ts',
    'x.ts',
  ],
  ...[
    'a.js',
    'src/a.js',
    'src/a.jsx',
    'package.json',
    'package-lock.json',
    'test',
    'test/a.ts',
    'src/test/a.ts',
    'src',
    'lib/deep/a.ts',
  ],
  ...[
    'abc.ts',
    'a/c.ts',
    'b.ts',
    'c.ts',
    'a+b(c).ts',
    'aab(c).ts',
    'src/__pycache__',
    'testing/a.ts',
    '.env',
    'src/.hidden/a.ts',
  ],
];

test.each(PATTERNS)('%s matches what it matches for the cdk CLI', (pattern) => {
  // The CLI puts it there, too.
  const whole = /[*?[]/.test(pattern) ? pattern : `${pattern}/**`;
  const [ours, theirs] = [globMatcher([pattern]), picomatch([whole], { dot: true })];
  expect(PATHS.filter(ours)).toEqual(PATHS.filter((path) => theirs(path)));
});

test('a path may match any of several patterns, and a folder may be written with its slashes', () => {
  const matches = globMatcher(['./test/', 'a.ts']);
  expect(['test', 'test/t.ts', 'a.ts', 'b.ts', 'testing'].map(matches)).toEqual([true, true, true, false, false]);
});

test.each([
  ['a\\*b', ['a*b', 'axb', 'a']],
  ['a\\{b', ['a{b', 'ab', 'a{b/c']],
  ['{a,b{c,d}}.ts', ['a.ts', 'bc.ts', 'bd.ts', 'b.ts', 'ad.ts']],
  ['[a\\]_]', ['a', ']', '_', '\\', 'b']],
  ['[]a]', [']', 'a', '[]a', 'b']],
  ['[^a-c]x', ['dx', '^x', 'ax', 'bx', '-x']],
  ['[b-d]', ['a', 'b', 'c', 'd', 'e', '-']],
  ['a.ts}', ['a.ts}', 'a.ts']],
  ['a,b', ['a,b', 'a']],
])('%s means what it means for the cdk CLI', (pattern, paths) => {
  const whole = /[*?[]/.test(pattern) ? pattern : `${pattern}/**`;
  const theirs = picomatch([whole], { dot: true });
  expect(paths.filter(globMatcher([pattern]))).toEqual(paths.filter((path) => theirs(path)));
});

test('a ? and a [] are whole characters, such as an emoji', () => {
  expect(['a😀', 'a😀😀', 'a', 'a/'].filter(globMatcher(['a?']))).toEqual(['a😀']);
  expect(['😀', '😁', '😂', '\ud83d'].filter(globMatcher(['[😀-😁]']))).toEqual(['😀', '😁']);
});

test('no pattern makes a path take for ever', () => {
  const matches = globMatcher([`${'*a'.repeat(200)}b`, `${'{a,aa}'.repeat(200)}b`, '**/'.repeat(200)]);
  expect(matches('a'.repeat(300))).toBe(false);
});

test.each([
  [
    '[z-a]',
    "the pattern '[z-a]' of --exclude, or of watch in cdk.json, has the range 'z-a', which ends before it begins; write 'a-z' if that is meant",
  ],
  [
    '{a{b}',
    "the pattern '{a{b}' of --exclude, or of watch in cdk.json, has a '{' that no '}' closes; write '\\{' if that is meant",
  ],
  [
    '[\\]',
    "the pattern '[\\]' of --exclude, or of watch in cdk.json, has a '[' that no ']' closes; write '\\[' if that is meant",
  ],
])('%s cannot be read, and the error says why', (pattern, message) => {
  expect(() => globMatcher(['*.md', pattern])).toThrow(expect.objectContaining({ name: 'UsageError', message }));
});
