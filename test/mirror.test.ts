/** CONTRIBUTING's rule 1: where the tests of a source file are. */
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const ROOT = join(__dirname, '..');

function files(folder: string, ending: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length));
}

const SOURCES = files('src', '.ts');
const TESTS = files('test', '.test.ts');
const floorOf = (path: string) => path.split('/')[0];

test('a test that is named after a source file lies at its path', () => {
  const misplaced = TESTS.flatMap((path) => {
    const twins = SOURCES.filter((source) => basename(source) === basename(path) && floorOf(source) === floorOf(path));
    return twins.length === 0 || twins.includes(path) ? [] : [`test/${path} belongs to src/${twins.join(' or src/')}`];
  });
  expect(misplaced).toEqual([]);
});

test('the tests of a folder lie in the mirrored folder, or in the one above where its parts are tested as one', () => {
  const tested = new Set(TESTS.map((path) => dirname(path)));
  const folders = new Set(SOURCES.map((path) => dirname(path)).filter((folder) => folder !== '.'));
  expect(folders.size).toBeGreaterThan(30);
  expect([...folders].filter((folder) => !tested.has(folder) && !tested.has(dirname(folder)))).toEqual([]);
});
