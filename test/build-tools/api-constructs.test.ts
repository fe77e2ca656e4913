/** The reference of the constructs: every class and option type has its place, and a reader can hold it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compiledPackage } from '../jsii-assembly';

const root = join(__dirname, '..', '..');
const folder = join(root, 'docs', 'api');
const pages = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
/** Most that the pages may have together, in bytes; the members that are inherited would be ten times as much. */
const LARGEST_BYTES = 90_000;

test('each public type is the title of a section', () => {
  const { types } = JSON.parse(readFileSync(join(compiledPackage(), '.jsii'), 'utf8')) as {
    types: Record<string, { readonly name: string }>;
  };
  const titles = [...pages.values()].flatMap((text) => [...text.matchAll(/^# (\w+)$/gm)].map(([, title]) => title));
  expect(titles.sort()).toEqual(
    Object.values(types)
      .map(({ name }) => name)
      .sort(),
  );
});

test('each link between pages leads to a page', () => {
  const links = [...pages.values()].flatMap((text) =>
    [...text.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, file]) => file),
  );
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter((file = '') => !pages.has(file))).toEqual([]);
});

test('the index names each page', () => {
  const index = readFileSync(join(root, 'API.md'), 'utf8');
  for (const file of pages.keys()) expect(index).toContain(`(docs/api/${file})`);
});

test('it stays short: own members only', () => {
  const bytes = [...pages.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  expect(bytes).toBeLessThanOrEqual(LARGEST_BYTES);
});
