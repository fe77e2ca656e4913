/** What readers of the installed package find: its documents, each link of which leads somewhere. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const ROOT = join(__dirname, '../..');
const URL_OF_REPOSITORY = 'https://github.com/cdk-lambda-streaming/cdk-lambda-streaming';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'published-'));
  const code = `import { stage } from './build-tools/published.mjs'; stage(process.argv[1], { documentsOnly: true });`;
  execFileSync(process.execPath, ['--input-type=module', '-e', code, folder], { cwd: ROOT });
});
afterAll(() => rmSync(folder, { recursive: true }));

const pages = () => readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));

function links(page: string): string[] {
  const prose = readFileSync(join(folder, page), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
}

test('no relative link of a published document is dead', () => {
  const dead = pages().flatMap((page) =>
    links(page)
      .map((link) => link.replace(/#.*/, ''))
      .filter((link) => link !== '' && !/^[a-z]+:/.test(link))
      .filter((link) => !existsSync(resolve(folder, dirname(page), link)))
      .map((link) => `${page} → ${link}`),
  );
  expect(dead).toEqual([]);
});

test('what is not published is linked on the web, and is in the repository', () => {
  const places = pages().flatMap((page) => links(page).filter((link) => link.startsWith(URL_OF_REPOSITORY)));
  const paths = places.map((link) => link.replace(/^.*\/(blob|raw|tree)\/main\//, '').replace(/#.*/, ''));
  expect(paths).toEqual(expect.arrayContaining(['bench', 'CONTRIBUTING.md', 'docs/decisions', 'src/local/README.md']));
  // A page about a picture is not the picture.
  expect(places).toContain(`${URL_OF_REPOSITORY}/raw/main/docs/images/console-stream.png`);
  expect(existsSync(join(folder, 'docs/images'))).toBe(false);
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('guides, the pages of the entries and the index of the reference are published, decisions are not', () => {
  expect(pages()).toEqual(
    expect.arrayContaining(['README.md', 'API.md', 'docs/README.md', 'docs/guides/first-stream.md']),
  );
  expect(pages().filter((page) => page.includes('decisions'))).toEqual([]);
});
