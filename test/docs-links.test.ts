/** A link in a document leads somewhere, and every page can be found from the index. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ROOT = join(__dirname, '..');

function markdown(directory: string): string[] {
  return readdirSync(join(ROOT, directory), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !file.includes('node_modules') && !file.includes('cdk.out'))
    .map((file) => join(ROOT, directory, file));
}

const PAGES = [
  join(ROOT, 'README.md'),
  join(ROOT, 'CONTRIBUTING.md'),
  ...['docs', 'src', 'bench', 'integ', 'examples'].flatMap(markdown),
];

/** As GitHub makes them of headings: lower case, no punctuation, hyphens for blanks, and a number for one that was there. */
function anchors(text: string): Set<string> {
  const found = new Set<string>();
  for (const [, heading = ''] of text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)) {
    const anchor = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    let times = 0;
    while (found.has(times === 0 ? anchor : `${anchor}-${times}`)) times++;
    found.add(times === 0 ? anchor : `${anchor}-${times}`);
  }
  return found;
}

function links(file: string): { target: string; anchor: string | undefined }[] {
  const prose = readFileSync(file, 'utf8').replace(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [path = '', anchor] = link.split('#');
      return { target: path === '' ? file : resolve(dirname(file), path), anchor };
    });
}

test('every relative link leads to a file, and every anchor to a heading', () => {
  const broken = PAGES.flatMap((page) =>
    links(page)
      .filter(({ target, anchor }) => {
        if (!existsSync(target)) return true;
        if (anchor === undefined || statSync(target).isDirectory() || !target.endsWith('.md')) return false;
        return !anchors(readFileSync(target, 'utf8')).has(anchor);
      })
      .map(({ target, anchor }) => `${relative(ROOT, page)} → ${relative(ROOT, target)}${anchor ? `#${anchor}` : ''}`),
  );
  expect(broken).toEqual([]);
});

test('the index of the docs reaches every page', () => {
  const reached = new Set<string>();
  const visit = (page: string): void => {
    if (reached.has(page)) return;
    reached.add(page);
    for (const { target } of links(page)) if (target.endsWith('.md') && existsSync(target)) visit(target);
  };
  visit(join(ROOT, 'docs/README.md'));
  const lost = markdown('docs').filter((page) => !reached.has(page) && !page.includes('/decisions/'));
  expect(lost.map((page) => relative(ROOT, page))).toEqual([]);
});
