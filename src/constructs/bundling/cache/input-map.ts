/** Tells what esbuild reads when an input names a source map: neither the map nor its originals are among the inputs it reports. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { field } from '../failures';
import { parseJson, record } from '../files/json-file';
import { readIfThere } from '../files/probe';
import type { Place } from './evidence-places';

/** The map of an input, if it names one, and the originals whose text the map lacks. */
export function inputMapPlaces(file: string): Place[] {
  const text = fs.readFileSync(file, 'utf8');
  // In a string it is not a map, but one too many costs nothing.
  const named = [...text.matchAll(/\/[/*][#@] sourceMappingURL=([^\s*]+)/g)].map(([, url = '']) => url);
  return named.flatMap((url) => (url.startsWith('data:') ? inlineOriginals(url, file) : mapPlaces(url, file)));
}

function mapPlaces(url: string, file: string): Place[] {
  return filesOf(url, file).flatMap((map): Place[] => [
    ['content', map],
    ...originals(readIfThere(() => fs.readFileSync(map, 'utf8')) ?? '', map),
  ]);
}

function inlineOriginals(url: string, file: string): Place[] {
  const [head = '', data = ''] = [url.slice(0, url.indexOf(',')), url.slice(url.indexOf(',') + 1)];
  const text = head.endsWith(';base64') ? Buffer.from(data, 'base64').toString('utf8') : decoded(data);
  return originals(text, file);
}

function originals(text: string, base: string): Place[] {
  const map = record(parseJson(text));
  const sections = list(map['sections']).map((section) => record(record(section)['map']));
  return [map, ...sections].flatMap(({ sources, sourceRoot, sourcesContent }) =>
    list(sources)
      .filter((source, index) => typeof source === 'string' && typeof list(sourcesContent)[index] !== 'string')
      .flatMap((source) => [String(source), ...(sourceRoot ? [`${sourceRoot}/${source}`] : [])])
      .flatMap((source) => filesOf(source, base))
      .map((source): Place => ['content', source]),
  );
}

/** A reference is a URL, but also works where someone wrote a path; bundlers make up some that are neither. */
function filesOf(reference: string, base: string): string[] {
  const { href } = pathToFileURL(base);
  const url = URL.canParse(reference, href) ? new URL(reference, href) : undefined;
  if (url && url.protocol !== 'file:') return [];
  const asPath = path.resolve(path.dirname(base), decoded(reference));
  return [...(url ? fileOf(url) : []), asPath].filter((file) => !file.includes('\0'));
}

/** Unlike Node.js, esbuild takes an escaped separator for one, and leaves out the host. */
function fileOf({ pathname }: URL): string[] {
  const url = pathToFileURL('/');
  url.pathname = pathname.replace(/%2f/gi, '/');
  return unlessMalformed(() => [fileURLToPath(url)], []);
}

function decoded(text: string): string {
  return unlessMalformed(() => decodeURIComponent(text), text);
}

/** A name with a percent sign of its own, such as `100%`, cannot be decoded. */
function unlessMalformed<T>(decode: () => T, otherwise: T): T {
  try {
    return decode();
  } catch (error) {
    if (field(error, 'name') === 'URIError') return otherwise;
    throw error;
  }
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
