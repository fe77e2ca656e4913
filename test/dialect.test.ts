/** One dialect in comments and messages of all floors: plain modern English, one way to quote and to say what was got. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const ROOT = join(__dirname, '..');
const SOURCES = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join(ROOT, 'src', file));

const BANNED: [what: string, instead: string, pattern: RegExp][] = [
  ['"got: x"', 'got x', /\bgot: \$\{/],
  ['"Throws a …" in a comment', '@throws', /\*.*\bThrows an? /],
  ['"that cannot be"', 'invalid, or what is wrong with it', /\b(that|which|what) cannot be[.,;:]|cannot be \*\//],
  ['"all else"', 'the rest, any other', /\ball else\b/],
  ['"of which"', 'a sentence of its own', /, of which\b/],
  [
    '"is no fault"',
    'is not a fault',
    /\bis no (fault|map|header|end|part|base|principal|number|object|function|name)\b/,
  ],
  ['"a text", "texts" for a string', 'a string', /\bmust be (a text|an array of texts)\b/],
  ['"front door"', 'front end, endpoint', /\bfront doors?\b/],
];

test.each(BANNED)('%s is not used; say %s', (_, _instead, pattern) => {
  const found = SOURCES.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${relative(ROOT, file)}:${index + 1}: ${line.trim()}`] : [])),
  );
  expect(found).toEqual([]);
});

// Messages of the local target stand beside AWS's own words, which have double quotes; commands are for a shell, and pictures are XML.
const QUOTES_LIKE_OTHERS = /src\/local\/|module-installation|docker-build|pre-compilation|stream-timeline/;

test('a value in a message stands in single quotes', () => {
  const found = SOURCES.filter((file) => !QUOTES_LIKE_OTHERS.test(relative(ROOT, file))).flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        /"\$\{[^}]*\}"/.test(line) ? [`${relative(ROOT, file)}:${index + 1}: ${line.trim()}`] : [],
      ),
  );
  expect(found).toEqual([]);
});

test('tests are written with test(), not with its other name', () => {
  const files = ['test', 'test-slow'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(folder, file)),
  );
  const found = files.filter((file) => /^\s*it(\.\w+)?[(<]/m.test(readFileSync(join(ROOT, file), 'utf8')));
  expect(found).toEqual([]);
});
