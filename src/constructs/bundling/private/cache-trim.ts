/** Keeps a bundle cache below its bounds by removing what was used longest ago. */
import * as fs from 'node:fs';
import * as path from 'node:path';

/** Looking at every entry costs more than a synth should pay each time. */
const INTERVAL_MS = 3_600_000;

const MARKER = 'trimmed';

/** What a cache may hold. */
export interface CacheBounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** Removes the least recently used entries until the rest is within bounds; at most once an hour. */
export function trimCache(dir: string, { maxEntries, maxBytes }: CacheBounds, nowMs = Date.now()): void {
  const marker = path.join(dir, MARKER);
  const last = fs.statSync(marker, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const names = fs.readdirSync(dir).filter((name) => name !== MARKER);
  if (names.length <= maxEntries && nowMs - last < INTERVAL_MS) return;
  fs.writeFileSync(marker, '');
  const entries = names.map((name) => usage(path.join(dir, name))).sort((a, b) => b.usedMs - a.usedMs);
  let bytes = 0;
  for (const [index, entry] of entries.entries()) {
    bytes += entry.bytes;
    if (index >= maxEntries || bytes > maxBytes) fs.rmSync(entry.file, { recursive: true, force: true });
  }
}

/** An entry is used when its newest file is written or touched. */
function usage(file: string): { file: string; usedMs: number; bytes: number } {
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  if (!stats) return { file, usedMs: 0, bytes: 0 };
  if (!stats.isDirectory()) return { file, usedMs: stats.mtimeMs, bytes: stats.size };
  const inside = fs.readdirSync(file).map((name) => usage(path.join(file, name)));
  return {
    file,
    usedMs: Math.max(stats.mtimeMs, ...inside.map(({ usedMs }) => usedMs)),
    bytes: inside.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
