import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as limits from '../../src/wire/limits';

const src = join(__dirname, '../../src');
const source = readFileSync(join(src, 'wire/limits.ts'), 'utf8');

/** Numbers that can hardly stand for anything but their quota: large, and no power of two. */
const TELLING = Object.entries(limits).filter(([, value]) => value > 2000 && !Number.isInteger(Math.log2(value)));

test('every quota says its unit, and its source or that it is our choice', () => {
  const documented = source.split('/**').slice(2);
  const undocumented = documented.filter(
    (comment) => !/@see https:\/\/docs\.aws\.amazon\.com\/|Our choice/.test(comment),
  );
  expect(undocumented).toEqual([]);
  expect(documented.filter((comment) => !/byte|character|second|MiB/i.test(comment))).toEqual([]);
  expect(Object.keys(limits)).toHaveLength([...source.matchAll(/^export const /gm)].length);
});

test('no other file repeats the number of a quota', () => {
  const files = readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && entry.name !== 'limits.ts')
    .map((entry) => join(entry.parentPath, entry.name));
  const repeated = files.flatMap((file) => {
    // Comments may quote a number; code may not.
    const code = readFileSync(file, 'utf8')
      .replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
      .replace(/(\d)_(?=\d)/g, '$1');
    return TELLING.filter(([, value]) => new RegExp(`\\b${value}\\b`).test(code)).map(
      ([name]) => `${relative(src, file)} repeats ${name}`,
    );
  });
  expect(files.length).toBeGreaterThan(20);
  expect(repeated).toEqual([]);
});
