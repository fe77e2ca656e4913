/** Reads the `exports` and `imports` maps of a package.json. https://nodejs.org/api/packages.html#subpath-patterns */
import { record } from './json-file';

/**
 * Every target a subpath could have, under whichever conditions.
 *
 * More than a resolver would look at: a file too many costs nothing, one too few is a stale bundle.
 */
export function mapTargets(map: unknown, subpath: string): string[] {
  // Without subpaths the map is about the package itself.
  const own = subpath === '.' && !Object.keys(record(map)).some((key) => key.startsWith('.')) ? leaves(map) : [];
  const keyed = Object.entries(record(map)).flatMap(([key, value]) => {
    const match = matchPattern(key.endsWith('/') ? `${key}*` : key, subpath);
    if (match === undefined) return [];
    return leaves(value).map((leaf) => (leaf.endsWith('/') ? `${leaf}${match}` : leaf.replaceAll('*', () => match)));
  });
  return [...own, ...keyed];
}

/** What the star of a pattern stands for in a text, empty when there is none; nothing when they do not fit. */
export function matchPattern(pattern: string, text: string): string | undefined {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === text ? '' : undefined;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  const fits = text.length >= before.length + after.length;
  return fits && text.startsWith(before) && text.endsWith(after)
    ? text.slice(before.length, text.length - after.length)
    : undefined;
}

/** `name` and `./sub/path` of an import of a package. */
export function splitPackage(specifier: string): { readonly name: string; readonly subpath: string } {
  const parts = specifier.split('/');
  const length = specifier.startsWith('@') ? 2 : 1;
  return { name: parts.slice(0, length).join('/'), subpath: ['.', ...parts.slice(length)].join('/') };
}

function leaves(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(leaves);
}
