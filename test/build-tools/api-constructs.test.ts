/** The reference of the constructs: every class and option type has its place, and a reader can hold it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compiledPackage } from '../jsii-assembly';

const root = join(__dirname, '..', '..');
const folder = join(root, 'docs', 'api');
const { exports: published } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { readonly import?: object }>;
};
const entries = Object.entries(published)
  .filter(([, target]) => typeof target === 'object' && target.import !== undefined)
  .map(([key]) => `${key.slice(2)}.md`);
const all = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
/** Those of the constructs; the others are the TypeScript entries. */
const pages = new Map([...all].filter(([file]) => !entries.includes(file)));
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
  for (const file of all.keys()) expect(index).toContain(`(docs/api/${file})`);
});

test('it stays short: own members only', () => {
  const bytes = [...pages.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  expect(bytes).toBeLessThanOrEqual(LARGEST_BYTES);
});

test('each TypeScript entry has a page with what it exports', () => {
  expect(entries).toEqual(expect.arrayContaining(['contract.md', 'handler.md', 'web.md', 'invoker.md', 'local.md']));
  const named = {
    'contract.md': 'streamContract()',
    'invoker.md': 'streamInvoker()',
    'web.md': 'webHandler()',
    'local.md': 'startLocal()',
  };
  for (const file of entries) expect(all.get(file)).toMatch(/^# cdk-lambda-streaming\/\w+\n/);
  for (const [file, name] of Object.entries(named)) expect(all.get(file)).toContain(`### ${name}`);
});
