/** Decides where the bundles of a project are kept between synths, and keeps that folder below its bounds. */
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

/** Looking at every entry costs more than a synth should pay each time. */
const INTERVAL_MS = 3_600_000;

const MARKER = 'trimmed';

/** Nothing else in the directory is ours to count or to remove. */
const ENTRY_NAME = /^[0-9a-f]{40}$/;

/** Ends in the random part of what is being written, or was when its process ended. */
const TEMPORARY_NAME = /\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What a cache may hold. */
export interface CacheBounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

interface Usage {
  readonly usedMs: number;
  readonly bytes: number;
}

/** Removes the least recently used entries until the rest is within bounds; at most once an hour. */
export function trimCache(dir: string, { maxEntries, maxBytes }: CacheBounds, nowMs = Date.now()): void {
  const marker = path.join(dir, MARKER);
  const last = fs.statSync(marker, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const places = entryPlaces(dir);
  if (places.length <= maxEntries && nowMs - last < INTERVAL_MS) return;
  fs.writeFileSync(marker, '');
  for (const place of places) removeLeftovers(place, nowMs);
  const entries = places.map((place) => ({ place, ...usage(place) })).sort((a, b) => b.usedMs - a.usedMs);
  let bytes = 0;
  for (const [index, entry] of entries.entries()) {
    bytes += entry.bytes;
    if (index >= maxEntries || bytes > maxBytes) fs.rmSync(entry.place, { recursive: true, force: true });
  }
}

function entryPlaces(dir: string): string[] {
  return fs
    .readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && ENTRY_NAME.test(entry.name))
    .map(({ name }) => path.join(dir, name));
}

/** What a process that was stopped did not get to rename; younger ones may be in the making. */
function removeLeftovers(entry: string, nowMs: number): void {
  for (const name of fs.readdirSync(entry).filter((each) => TEMPORARY_NAME.test(each))) {
    const place = path.join(entry, name);
    if (nowMs - usage(place).usedMs > INTERVAL_MS) fs.rmSync(place, { recursive: true, force: true });
  }
}

/** A place is used when its newest file is written or touched; what another synth has just removed counts nothing. */
function usage(place: string): Usage {
  const stats = fs.lstatSync(place, { throwIfNoEntry: false });
  if (!stats) return { usedMs: 0, bytes: 0 };
  if (!stats.isDirectory()) return { usedMs: stats.mtimeMs, bytes: stats.size };
  const inside = fs.readdirSync(place).map((name) => usage(path.join(place, name)));
  return {
    usedMs: Math.max(stats.mtimeMs, ...inside.map(({ usedMs }) => usedMs)),
    bytes: inside.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
