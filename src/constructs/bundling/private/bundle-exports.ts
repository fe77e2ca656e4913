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

const COMMENT_LINES = /^\s*\/\/.*$/gm;
/** The variables of Node.js, in code: a word or a quote after one is prose, a colon makes it the name of a property. */
const MODULE = /(?<![.\w$])module\b(?!\s*[:\w'"`])/g;
const EXPORTS = /(?<![.\w$])exports\b(?!\s*[:\w'"`])/;
/** What esbuild writes about them. */
const ASSIGNMENT = /\bmodule\.exports\s*=\s*[\w$]+\([\w$]+\);/g;
const LISTED = /\b0\s*&&\s*\(module\.exports\s*=\s*\{([^{}]*)\}\)/g;
/** Left out of that list, since Node.js adds a `default` of its own. */
const HAS_DEFAULT = /[{,]\s*default\s*:\s*(\(\)\s*=>|function)/;

/** The names of all exports, or `undefined` when there may be others. */
export function exportsOf(
  settings: BuildSettings,
  { metafile }: Bundle,
  files: readonly BundleFile[],
): string[] | undefined {
  const name = `index${settings.extension}`;
  const text = files.find((file) => file.name === name)?.contents.toString() ?? '';
  if (settings.extension === '.mjs') return DYNAMIC_ESM.test(text) ? undefined : metafile.outputs[name]?.exports;
  const entry = path.relative(settings.project.root, settings.entry).split(path.sep).join('/');
  return metafile.inputs[entry]?.format === 'esm' ? commonJsExports(text) : undefined;
}

function commonJsExports(bundle: string): string[] | undefined {
  const text = bundle.replace(COMMENT_LINES, '');
  const listed = [...text.matchAll(LISTED)].map(([, names = '']) => names);
  const assigned = text.match(ASSIGNMENT)?.length ?? 0;
  const mentioned = text.match(MODULE)?.length ?? 0;
  const [names = ''] = listed;
  const byEsbuildAlone = assigned <= 1 && listed.length <= 1 && mentioned === assigned + listed.length;
  if (!byEsbuildAlone || EXPORTS.test(text) || names.includes('...')) return undefined;
  const plain = names.split(',').map((item) => item.replace(/:\s*null/, '').trim());
  return [...plain.filter((item) => item !== '').map(unquoted), ...(HAS_DEFAULT.test(text) ? ['default'] : [])];
}

function unquoted(name: string): string {
  return name.replace(/^"(.*)"$/, '$1');
}

/** The exports kept with a bundle in the cache, which may be of another version or damaged. */
export function knownExports(known: object): readonly string[] | undefined {
  const exported = field(known, 'exports');
  return Array.isArray(exported) && exported.every((name) => typeof name === 'string') ? exported : undefined;
}
