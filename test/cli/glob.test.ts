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
