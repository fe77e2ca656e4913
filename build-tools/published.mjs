// What is published: which files, and how documents are worded outside of the repository.
import { cpSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What is read, and what is run; `rosetta` has what the examples stand on, for those who translate them. */
const DOCUMENTS = ['API.md', 'LICENSE', 'README.md', 'docs'];
const LIBRARY = ['.jsii', 'assets', 'lib', 'rosetta'];
/** Decisions are for those who change the code, and pictures are large. */
const LEFT_OUT = ['docs/decisions', 'docs/images'];
const LARGEST_DOCUMENT_BYTES = 150_000;

/** Whether a path of the repository, in slashes, is in the package. */
function isPublished(path) {
  if (![...DOCUMENTS, ...LIBRARY].includes(path.split('/')[0])) return false;
  if (LEFT_OUT.some((folder) => path === folder || path.startsWith(`${folder}/`))) return false;
  const file = statSync(join(root, path));
  return !path.startsWith('docs/') || file.isDirectory() || file.size <= LARGEST_DOCUMENT_BYTES;
}

/** Copies what is published to a folder, or its documents alone. */
export function stage(folder, { documentsOnly = false } = {}) {
  const filter = (source, copy) => {
    const path = relative(root, source).split(sep).join('/');
    if (!isPublished(path)) return false;
    if (!path.endsWith('.md') || !(path.startsWith('docs/') || DOCUMENTS.includes(path))) return true;
    cpSync(source, copy);
    writeFileSync(copy, withLivingLinks(path, readFileSync(source, 'utf8')));
    return false;
  };
  for (const name of documentsOnly ? DOCUMENTS : [...DOCUMENTS, ...LIBRARY]) {
    cpSync(join(root, name), join(folder, name), { recursive: true, filter });
  }
}

/** Links of a document to what is not published lead to the repository on the web, code blocks apart. */
function withLivingLinks(document, text) {
  return text
    .split(/(^```[\s\S]*?^```)/m)
    .map((part, index) =>
      index % 2 === 1 ? part : part.replace(/\]\(([^)\s]+)\)/g, (_, to) => `](${living(document, to)})`),
    )
    .join('');
}

function living(document, link) {
  if (/^([a-z]+:|#)/.test(link)) return link;
  const [target, anchor] = link.split('#');
  const path = posix.join(posix.dirname(document), target).replace(/\/$/, '');
  if (!existsSync(join(root, path))) throw new Error(`${document} links to ${link}, which does not exist`);
  if (isPublished(path)) return link;
  // A page about a picture is not the picture.
  const ofFile = path.endsWith('.png') ? 'raw' : 'blob';
  const kind = statSync(join(root, path)).isDirectory() ? 'tree' : ofFile;
  return `${repositoryUrl()}/${kind}/main/${path}${anchor === undefined ? '' : `#${anchor}`}`;
}

function repositoryUrl() {
  const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
}
