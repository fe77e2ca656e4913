/** Finds the directory a bundle's paths are relative to, so that a hash does not depend on where synth runs. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { PACKAGE_MANAGER_OF } from '../../../base/install-commands';
import type { StreamingBundlingOptions } from '../../streaming-bundling-options';
import { BundlingError } from '../bundling-error';
import { isFile, statOf } from './probe';

/** In the order `NodejsFunction` prefers them. */
export const LOCK_FILES = [...PACKAGE_MANAGER_OF.keys()];

/** Where a project is, and the lock file that pins what it is built from. */
export interface Project {
  /** Absolute real path. */
  readonly root: string;
  /** Absolute paths; more than one when several package managers left theirs side by side. */
  readonly lockFiles: readonly string[];
}

/** The project an entry belongs to: named by the caller, else by the nearest lock file, else by the nearest package.json. */
export function projectOf(entry: string, options: StreamingBundlingOptions): Project {
  const lockFiles = options.depsLockFilePath ? [givenLockFile(options.depsLockFilePath)] : nearestLockFiles(entry);
  const [lockFile] = lockFiles;
  const root = options.projectRoot
    ? givenDirectory(options.projectRoot)
    : lockFile
      ? path.dirname(lockFile)
      : (nearest(path.dirname(entry), (dir) => fs.existsSync(path.join(dir, 'package.json'))) ?? path.dirname(entry));
  return { root: fs.realpathSync(root), lockFiles };
}

/** The first directory at or above `from` that satisfies `test`. */
export function nearest(from: string, test: (dir: string) => boolean): string | undefined {
  return ancestors(from).find(test);
}

/** `dir` and every directory above it, nearest first. */
export function ancestors(dir: string): string[] {
  const parent = path.dirname(dir);
  return parent === dir ? [dir] : [dir, ...ancestors(parent)];
}

/** True for a directory that `dir` lies in. */
export function isAbove(above: string, dir: string): boolean {
  return above !== dir && isWithin(above, dir);
}

/** True for a directory itself and for everything in it. */
export function isWithin(dir: string, place: string): boolean {
  const way = path.relative(dir, place);
  return way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}

function nearestLockFiles(entry: string): string[] {
  for (const dir of ancestors(path.dirname(entry))) {
    const found = LOCK_FILES.map((name) => path.join(dir, name)).filter((file) => fs.existsSync(file));
    if (found.length > 0) return found;
  }
  return [];
}

function givenLockFile(file: string): string {
  if (isFile(file)) return path.resolve(file);
  throw new BundlingError(
    'OptionInvalid',
    `depsLockFilePath must name a lock file (${LOCK_FILES.join(', ')}), got '${file}'`,
  );
}

function givenDirectory(dir: string): string {
  if (statOf(dir)?.isDirectory()) return path.resolve(dir);
  throw new BundlingError('OptionInvalid', `projectRoot must name an existing directory, got '${dir}'`);
}
