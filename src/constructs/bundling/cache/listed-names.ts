/** Tells which names in a directory can change how an import resolves. */
import type * as fs from 'node:fs';
import * as path from 'node:path';
import { isFile } from '../files/probe';

/** Extensions esbuild adds to an import, or puts in place of another, unless it is told others. */
const PROBED = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json', '.css', '.wasm', '.node'];

/** What package managers and tools keep for themselves in a `node_modules`. */
const NOT_PACKAGES = ['.bin', '.cache', '.package-lock.json'];

/** True for the name of a file that listings tell of; any other file is reached by its exact name only. */
export function isProbedName(name: string): boolean {
  const extension = path.extname(name).toLowerCase();
  // A file without extension counts, one like .DS_Store does not.
  return extension === '' ? !name.startsWith('.') : PROBED.includes(extension);
}

/** True for an entry of a directory that an import could resolve to or pass through. */
export function isListed(dir: string, entry: fs.Dirent, ignored: ReadonlySet<string>): boolean {
  // A link may lead to a file or a directory, under any name.
  if (entry.isSymbolicLink()) return true;
  if (!entry.isDirectory()) return isProbedName(entry.name);
  const child = path.join(dir, entry.name);
  return entry.name !== 'node_modules' && !ignored.has(child) && !isCloudAssembly(child);
}

/** True for an entry of a `node_modules` directory that could be imported. */
export function isPackage(entry: fs.Dirent): boolean {
  return !NOT_PACKAGES.includes(entry.name);
}

/** The marker is written last: a first synth knows its own directory by being told. */
function isCloudAssembly(dir: string): boolean {
  return path.basename(dir).startsWith('cdk.out') || isFile(path.join(dir, 'cdk.out'));
}
