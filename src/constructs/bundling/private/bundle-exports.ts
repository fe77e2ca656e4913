/**
 * Tells what a bundle exports, where that is known for sure.
 *
 * CommonJS may export anything at run time. What esbuild made of an ES module does so only if its code says more about
 * `module` than esbuild wrote, and esbuild lists the names for Node.js: https://esbuild.github.io/api/#format-commonjs
 */
import * as path from 'node:path';
import type { BuildSettings } from './build-settings';
import type { BundleFile } from './bundle-files';
import type { Bundle } from './bundle-pass';
import { field } from './bundling-error';

/** Adds the names of a module that is not in the bundle. */
const DYNAMIC_ESM = /\bexport\s*\*\s*from\b/;

/** What makes a word a name of something else, or prose: the end of a longer one before it, or what may follow. */
const BEFORE_OTHERS = /[.\w$]/;
const AFTER_OTHERS = /\w|\s*[:\w'"`]/y;
/** What esbuild writes about the variable `module`, from there on. */
const ASSIGNMENT = /module\.exports\s*=\s*[\w$]+\([\w$]+\);/y;
const LISTED = /module\.exports\s*=\s*\{([^{}]*)\}\)/y;
const BEFORE_LISTED = /\b0\s*&&\s*\($/;
/** A default export is left out of that list, since Node.js adds one of its own; it is among the getters. */
const BEFORE_DEFAULT = /[{,]\s*$/;
const AFTER_DEFAULT = /default\s*:\s*(\(\)\s*=>|function)/y;
const COMMENT = /[^\S\n]*\/\//y;
/** Characters looked at before a word. */
const CONTEXT = 40;

/** The names of all exports, or `undefined` when there may be others. */
export function exportsOf(
  settings: BuildSettings,
  { metafile }: Bundle,
  files: readonly BundleFile[],
): string[] | undefined {
  const name = `index${settings.extension}`;
  // A character a byte: all that is looked for is ASCII, and decoding a megabyte takes longer than searching it.
  const text = files.find((file) => file.name === name)?.contents.toString('latin1') ?? '';
  if (settings.extension === '.mjs') return DYNAMIC_ESM.test(text) ? undefined : metafile.outputs[name]?.exports;
  const entry = path.relative(settings.project.root, settings.entry).split(path.sep).join('/');
  return metafile.inputs[entry]?.format === 'esm' ? commonJsExports(text) : undefined;
}

/** Looks only around the words that matter: a regular expression over a bundle of a megabyte takes longer than building it. */
function commonJsExports(text: string): string[] | undefined {
  if (!mentions(text, 'exports').next().done) return undefined;
  const listed: string[] = [];
  let assigned = 0;
  for (const at of mentions(text, 'module')) {
    const [, names] = (BEFORE_LISTED.test(before(text, at)) && matchAt(LISTED, text, at)) || [];
    if (names !== undefined) listed.push(names);
    else if (matchAt(ASSIGNMENT, text, at)) assigned++;
    else return undefined;
  }
  const [names = ''] = listed;
  if (assigned > 1 || listed.length > 1 || names.includes('...')) return undefined;
  const plain = names.split(',').map((item) => item.replace(/:\s*null/, '').trim());
  return [...plain.filter((item) => item !== '').map(unquoted), ...(hasDefault(text) ? ['default'] : [])];
}

/** Where a variable of that name is used, in code. */
function* mentions(text: string, word: string): Generator<number, undefined> {
  for (const at of occurrences(text, word)) {
    const isOther = BEFORE_OTHERS.test(text.charAt(at - 1)) || matchAt(AFTER_OTHERS, text, at + word.length) !== null;
    if (!isOther && !isComment(text, at)) yield at;
  }
}

function hasDefault(text: string): boolean {
  for (const at of occurrences(text, 'default')) {
    if (BEFORE_DEFAULT.test(before(text, at)) && matchAt(AFTER_DEFAULT, text, at) && !isComment(text, at)) return true;
  }
  return false;
}

function* occurrences(text: string, word: string): Generator<number, undefined> {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + word.length)) yield at;
}

function before(text: string, at: number): string {
  return text.slice(Math.max(0, at - CONTEXT), at);
}

/** A match of a sticky expression at one place. */
function matchAt(expression: RegExp, text: string, at: number): RegExpExecArray | null {
  expression.lastIndex = at;
  return expression.exec(text);
}

/** On a line that is all comment, as esbuild writes before each file. */
function isComment(text: string, at: number): boolean {
  const match = matchAt(COMMENT, text, text.lastIndexOf('\n', at - 1) + 1);
  return match !== null && match.index + match[0].length <= at;
}

function unquoted(name: string): string {
  return Buffer.from(name.replace(/^"(.*)"$/, '$1'), 'latin1').toString();
}

/** The exports kept with a bundle in the cache, which may be of another version or damaged. */
export function knownExports(known: object): readonly string[] | undefined {
  const exported = field(known, 'exports');
  return Array.isArray(exported) && exported.every((name) => typeof name === 'string') ? exported : undefined;
}
