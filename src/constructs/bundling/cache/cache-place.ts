/** Decides where the bundles of a project are kept between synths. */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

/** A word that switches the cache off or on; anything else is the directory to keep it in. */
const SWITCH = 'CDK_LAMBDA_STREAMING_CACHE';
const OFF = ['0', 'off', 'false', 'no'];
const ON = ['', '1', 'on', 'true', 'yes'];

/** A directory of our own, also inside one that is given: what is in it may be removed. */
const NAME = 'cdk-lambda-streaming';

/** Where the entries of a cache are. */
export interface CachePlace {
  readonly dir: string;
  /** Tells projects apart that share the directory. */
  readonly project: string;
}

/** The cache of a project, or `undefined` when it is switched off or there is no place for one. */
export function cachePlace(root: string): CachePlace | undefined {
  const setting = process.env[SWITCH]?.trim() ?? '';
  if (OFF.includes(setting.toLowerCase())) return undefined;
  // Without the path of the project, so that what one checkout made serves the next.
  if (!ON.includes(setting.toLowerCase())) return { dir: path.join(path.resolve(setting), NAME), project: '' };
  const modules = path.join(root, 'node_modules');
  if (fs.existsSync(modules)) return { dir: path.join(modules, '.cache', NAME), project: '' };
  // Projects in other languages, or without node_modules, get none made for them: they share one, under one bound.
  const home = homeDirectory();
  if (home === undefined) return undefined;
  return { dir: path.join(home, '.cdk', 'cache', NAME), project: createHash('sha256').update(root).digest('hex') };
}

/** Some containers run as a user that has none. */
function homeDirectory(): string | undefined {
  try {
    return os.homedir();
  } catch {
    return undefined;
  }
}
