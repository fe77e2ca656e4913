/** The reading list and the walks of docs/design.md: their files exist, and imports lead from the first to the others. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import * as ts from 'typescript';

const SRC = join(__dirname, '../src');
const PAGE = readFileSync(join(__dirname, '../docs/design.md'), 'utf8');

/** Rows of the table under "Where to begin reading": a floor, and three files of it. */
const PATHS = [...PAGE.matchAll(/^\| `([\w/]+)`[^|]*\| `([\w/-]+)` \| `([\w/-]+)` \| `([\w/-]+)` \|$/gm)].map(
  ([, floor = '', ...names]) => ({ floor, files: names.map((name) => fileOf(floor, name)) }),
);

/** A path is relative to its floor; bundling's public file lies beside its folder. */
function fileOf(floor: string, name: string): string {
  const places = [floor, dirname(floor)].map((place) => join(SRC, place, `${name}.ts`));
  return places.find(existsSync) ?? join(SRC, floor, `${name}.ts`);
}

function reachable(from: string): Set<string> {
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const { fileName } of ts.preProcessFile(readFileSync(file, 'utf8'), true, true).importedFiles) {
      const target = join(dirname(file), fileName);
      const next = [`${target}.ts`, join(target, 'index.ts')].find(existsSync);
      if (fileName.startsWith('.') && next !== undefined) visit(next);
    }
  };
  visit(from);
  return reached;
}

test('there is a path for every floor with one', () => {
  expect(PATHS.map(({ floor }) => floor)).toEqual(
    expect.arrayContaining(['constructs', 'handler', 'web', 'stream', 'invoker', 'fetcher', 'local']),
  );
});

test.each(PATHS)(
  '$floor: its three files exist, and the first leads to the others',
  ({ files: [first = '', ...rest] }) => {
    expect(rest.map((file) => relative(SRC, file)).filter((file) => !existsSync(join(SRC, file)))).toEqual([]);
    const reached = reachable(first);
    // In stream each file stands on the one before: there the last leads to the first.
    const back = reachable(rest[rest.length - 1] ?? '');
    expect(rest.every((file) => reached.has(file)) || back.has(first)).toBe(true);
  },
);

/** Rows of the table under "How data walks". */
const WALKS = [...PAGE.matchAll(/^\| `(\w+)` \| ([^|]+) \| ((?:`[\w./-]+`(?:, )?){5,}) \|$/gm)].map(
  ([, floor = '', what = '', stops = '']) => ({
    floor,
    what,
    files: [...stops.matchAll(/`([^`]+)`/g)].map(([, name = '']) => join(SRC, floor, `${name}.ts`)),
  }),
);

test('props, options and a response body are followed', () => {
  expect(WALKS.map(({ floor }) => floor)).toEqual(['constructs', 'local', 'invoker']);
});

test.each(WALKS)(
  '$what: at most ten stops and two returns, all in files the first one leads to',
  ({ floor, files }) => {
    const reached = new Set([...reachable(files[0] ?? ''), ...reachable(join(SRC, floor, 'index.ts'))]);
    expect(files.filter((file) => !reached.has(file)).map((file) => relative(SRC, file))).toEqual([]);
    expect(files.length).toBeLessThanOrEqual(10);
    expect(files.length - new Set(files).size).toBeLessThanOrEqual(2);
  },
);
