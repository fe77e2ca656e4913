import * as fs from 'node:fs';
import { trimCache } from '../../../../src/constructs/bundling/cache/cache-folder';
import { Project, removeProjects } from '../project';

afterAll(removeProjects);

const HOUR_MS = 3_600_000;
const key = (digit: string) => digit.repeat(40);

/** A cache whose files all have one age. */
function cacheWith(files: Record<string, string>, ageMs = 0): { project: Project; dir: string; names: () => string[] } {
  const project = Project.create({});
  for (const [name, text] of Object.entries(files)) {
    project.write({ [`cache/${name}`]: text });
    age(project, name, ageMs);
  }
  const dir = project.path('cache');
  return { project, dir, names: () => fs.readdirSync(dir).filter((name) => name !== 'trimmed') };
}

/** Makes a file and the directories it is in look old. */
function age(project: Project, name: string, ageMs: number): void {
  const time = new Date(Date.now() - ageMs);
  const parts = name.split('/');
  for (const [index] of parts.entries()) {
    fs.utimesSync(project.path(`cache/${parts.slice(0, parts.length - index).join('/')}`), time, time);
  }
}

test('no more than the bounds is kept, the most recently used', () => {
  const { project, dir, names } = cacheWith({});
  for (const [index, digit] of ['a', 'b', 'c', 'd'].entries()) {
    project.write({ [`cache/${key(digit)}/entry.json`]: 'x'.repeat(100) });
    age(project, `${key(digit)}/entry.json`, HOUR_MS * ([2, 3, 1, 0][index] ?? 0));
  }
  const now = Date.now();
  trimCache(dir, { maxEntries: 3, maxBytes: 1_000 }, now);
  expect(names()).toEqual([key('a'), key('c'), key('d')]);
  trimCache(dir, { maxEntries: 3, maxBytes: 250 }, now + 1_000);
  expect(names()).toEqual([key('a'), key('c'), key('d')]);
  trimCache(dir, { maxEntries: 3, maxBytes: 250 }, now + HOUR_MS + 1_000);
  expect(names()).toEqual([key('c'), key('d')]);
});

test("what is not an entry is neither counted nor removed: it is somebody's work", () => {
  const foreign = {
    'photos/old.jpg': 'x'.repeat(10_000),
    'src/precious.ts': 'my work',
    'notes.txt': 'my notes',
    [key('f')]: 'a file with the name of an entry',
    [`${key('e')}0/file`]: 'a longer name',
  };
  const { project, dir, names } = cacheWith(foreign, 1_000 * HOUR_MS);
  project.write({ 'outside/file': 'x'.repeat(10_000), [`cache/${key('a')}/entry.json`]: '{}' });
  fs.symlinkSync('../outside', project.path(`cache/${key('c')}`));
  const before = names();
  trimCache(dir, { maxEntries: 2, maxBytes: 1_000 });
  expect(names()).toEqual(before);
  trimCache(dir, { maxEntries: 0, maxBytes: 0 }, Date.now() + 2 * HOUR_MS);
  expect(names()).toEqual(before.filter((name) => name !== key('a')));
  expect(fs.readFileSync(project.path('cache/photos/old.jpg'), 'utf8')).toHaveLength(10_000);
});

test('what a stopped process left in an entry goes after an hour, the entry stays', () => {
  const uuid = '01234567-89ab-cdef-0123-456789abcdef';
  const hash = 'd'.repeat(64);
  const files = {
    'entry.json': '{}',
    [`entry.json.${uuid}`]: '{',
    [`${hash}/index.js`]: '',
    [`${hash}.${uuid}/a`]: '',
  };
  const named = Object.fromEntries(Object.entries(files).map(([name, text]) => [`${key('a')}/${name}`, text]));
  const { project, dir } = cacheWith(named, 2 * HOUR_MS);
  project.write({ [`cache/${key('b')}/entry.json.${uuid}`]: 'being written' });
  trimCache(dir, { maxEntries: 10, maxBytes: 1_000 });
  expect(fs.readdirSync(project.path(`cache/${key('a')}`)).sort()).toEqual([hash, 'entry.json']);
  expect(fs.readdirSync(project.path(`cache/${key('b')}`))).toHaveLength(1);
});
