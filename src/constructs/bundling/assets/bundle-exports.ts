/**
 * Tells what a bundle exports, where that is known for sure.
 *
 * CommonJS may export anything at run time. What esbuild made of an ES module does so only if its code says more about
 * `module` than esbuild wrote, and esbuild lists the names for Node.js: https://esbuild.github.io/api/#format-commonjs
 */
import * as path from 'node:path';
import type { BuildSettings } from '../build/build-settings';
import type { Bundle } from '../build/bundle-pass';
import { field } from '../bundling-error';
import type { BundleFile } from './bundle-files';

/** Adds the names of a module that is not in the bundle. */
const DYNAMIC_ESM = /\bexport\s*\*\s*from\b/;

/** What makes a word a name of something else, or prose: the end of a longer one before it, or what may follow. */
const BEFORE_OTHERS = /[.\w$]$/;
const AFTER_OTHERS = /^(\w|\s*[:\w'"`])/;
/** What esbuild writes about the variable `module`, from there on. */
const ASSIGNMENT = /^module\.exports\s*=\s*[\w$]+\(([\w$]+)\);/;
const LISTED = /^module\.exports\s*=\s*\{([^{}]*)\}\)/;
const BEFORE_LISTED = /\b0\s*&&\s*\($/;
/** A default export is left out of that list, since Node.js adds one of its own; it is among the getters. */
const DEFAULT_GETTER = /[{,]\s*default\s*:\s*(\(\)\s*=>|function)/;
const INSIDE_NAME = /[\w$]/;
const COMMENT = /^\s*\/\//;
/** Bytes looked at before and after a word; each is a character here, as all that is looked for is ASCII. */
const CONTEXT = 200;
const LINE_FEED = 10;

/** The names of all exports, or `undefined` when there may be others. */
export function exportsOf(
  settings: BuildSettings,
  { metafile }: Bundle,
  files: readonly BundleFile[],
): string[] | undefined {
  const name = `index${settings.extension}`;
  const bundle = files.find((file) => file.name === name)?.contents ?? Buffer.alloc(0);
  if (settings.extension === '.mjs')
    return DYNAMIC_ESM.test(bundle.toString('latin1')) ? undefined : metafile.outputs[name]?.exports;
  const entry = path.relative(settings.project.root, settings.entry).split(path.sep).join('/');
  return metafile.inputs[entry]?.format === 'esm' ? commonJsExports(bundle) : undefined;
}

/**
 * Searches bytes, and decodes only what stands around the words that matter: to decode a bundle of a megabyte and to look
 * through all of it by regular expressions takes longer than building it.
 */
function commonJsExports(bundle: Buffer): string[] | undefined {
  if (!mentions(bundle, 'exports').next().done) return undefined;
  const listed: string[] = [];
  const getters: string[] = [];
  for (const at of mentions(bundle, 'module')) {
    const [, names] = (BEFORE_LISTED.test(before(bundle, at)) && LISTED.exec(throughBrace(bundle, at))) || [];
    const [, object] = ASSIGNMENT.exec(after(bundle, at)) ?? [];
    const defined = object === undefined ? undefined : gettersOf(bundle, object, at);
    if (names !== undefined) listed.push(names);
    else if (defined !== undefined) getters.push(defined);
    else return undefined;
  }
  const [names = ''] = listed;
  // Without any export, esbuild has nothing to assign.
  const [own = listed.length === 0 ? '' : undefined] = getters;
  if (own === undefined || getters.length > 1 || listed.length > 1 || names.includes('...')) return undefined;
  const plain = names.split(',').map((item) => item.replace(/:\s*null/, '').trim());
  return [...plain.filter((item) => item !== '').map(unquoted), ...(DEFAULT_GETTER.test(own) ? ['default'] : [])];
}

/** Where a variable of that name is used, in code. */
function* mentions(bundle: Buffer, word: string): Generator<number, undefined> {
  for (const at of occurrences(bundle, word)) {
    const isOther = BEFORE_OTHERS.test(before(bundle, at)) || AFTER_OTHERS.test(after(bundle, at + word.length));
    if (!isOther && !isComment(bundle, at)) yield at;
  }
}

/**
 * What esbuild puts into the export object of the entry: all that is between `object = {}` and the assignment of it.
 *
 * Modules imported as a whole have such objects too, and they may have a default export where the entry has none.
 */
function gettersOf(bundle: Buffer, object: string, assignment: number): string | undefined {
  const created = [`${object} = {}`, `${object}={}`].map((text) => bundle.lastIndexOf(text, assignment));
  const start = Math.max(...created);
  if (start < 0 || INSIDE_NAME.test(bundle.toString('latin1', Math.max(0, start - 1), start))) return undefined;
  return bundle.toString('latin1', start, assignment);
}

function* occurrences(bundle: Buffer, word: string): Generator<number, undefined> {
  for (let at = bundle.indexOf(word); at !== -1; at = bundle.indexOf(word, at + word.length)) yield at;
}

function before(bundle: Buffer, at: number): string {
  return bundle.toString('latin1', Math.max(0, at - CONTEXT), at);
}

function after(bundle: Buffer, at: number): string {
  return bundle.toString('latin1', at, at + CONTEXT);
}

function throughBrace(bundle: Buffer, at: number): string {
  return bundle.toString('latin1', at, bundle.indexOf('}', at) + '})'.length);
}

/** On a line that is all comment, as esbuild writes before each file. */
function isComment(bundle: Buffer, at: number): boolean {
  const lineStart = bundle.lastIndexOf(LINE_FEED, at - 1) + 1;
  return COMMENT.test(bundle.toString('latin1', lineStart, Math.min(at, lineStart + CONTEXT)));
}

function unquoted(name: string): string {
  return Buffer.from(name.replace(/^"(.*)"$/, '$1'), 'latin1').toString();
}

/** The exports kept with a bundle in the cache, which may be of another version or damaged. */
export function knownExports(known: object): readonly string[] | undefined {
  const exported = field(known, 'exports');
  return Array.isArray(exported) && exported.every((name) => typeof name === 'string') ? exported : undefined;
}
