/** Whether a file can be written is asked before the work whose result it is to take. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from './usage-error';

/** @throws a UsageError that names the option and says what is in the way of writing `file` */
export function checkWritable(option: string, file: string): void {
  const problem = problemOf(resolve(file));
  if (file !== '' && problem === undefined) return;
  const got = file === '' ? "''" : `'${file}', ${problem}`;
  throw new UsageError(`${option} must be a file in a folder that exists and can be written to, got ${got}`);
}

function problemOf(path: string): string | undefined {
  const folder = dirname(path);
  if (isFolder(path)) return 'which is a folder';
  if (existsSync(path)) return isWritable(path) ? undefined : 'which cannot be written to';
  if (!isFolder(folder)) return `and there is no folder '${folder}'`;
  return isWritable(folder) ? undefined : `and the folder '${folder}' cannot be written to`;
}

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false; // not by this user, or on a file system that is read only
  }
}
