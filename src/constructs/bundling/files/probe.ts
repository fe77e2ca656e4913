/** Looks at places that may not be there. */
import * as fs from 'node:fs';
import { field } from '../failures';

/**
 * A file where a directory is looked for, or the reverse, or behind a closed door, is as good as absent to esbuild; so is
 * what no file can be called.
 */
const NOT_THERE: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'EACCES', 'EPERM', 'ENAMETOOLONG'];

/** What is at a path, if anything. */
export function statOf(place: string): fs.Stats | undefined {
  return readIfThere(() => fs.statSync(place, { throwIfNoEntry: false }));
}

/** True for a file that exists. */
export function isFile(place: string): boolean {
  return statOf(place)?.isFile() ?? false;
}

/** The result of reading, or nothing when there is nothing to read. */
export function readIfThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (NOT_THERE.includes(field(error, 'code'))) return undefined;
    throw error;
  }
}
