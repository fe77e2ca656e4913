/** Keeps a bundle cache below its bounds by removing what was used longest ago. */
import * as fs from 'node:fs';
import * as path from 'node:path';

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
