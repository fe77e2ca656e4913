/** Follows symbolic links, which esbuild does for every file it reads. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { readIfThere, statOf } from '../files/probe';

/** More than any kernel follows. */
const MAX_LINKS = 64;

/** Where a path leads in the end, relative to the directory it is in; nothing when it leads nowhere. */
export function realPlace(place: string): string | undefined {
  const real = readIfThere(() => fs.realpathSync.native(place));
  return real === undefined ? undefined : path.relative(path.dirname(place), real);
}

/** What a link means now, and whether that can change although the link stays as it is. */
export function describeLink(realDir: string, name: string): { readonly text: string; readonly isChained: boolean } {
  const place = path.join(realDir, name);
  const named = fs.readlinkSync(place);
  const real = realPlace(place);
  if (real === undefined) return { text: `${named} ?`, isChained: true };
  const kind = statOf(place)?.isDirectory() ? ' /' : '';
  return { text: `${real}${kind}`, isChained: path.resolve(realDir, named) !== path.resolve(realDir, real) };
}

/** When each link on the way to a place was made. */
export function linkTimes(place: string): number[] {
  const times: number[] = [];
  const { root } = path.parse(place);
  let at = root;
  let waiting = partsOf(place, root);
  while (waiting.length > 0 && times.length < MAX_LINKS) {
    const [part = '', ...rest] = waiting;
    const next = path.join(at, part);
    const stats = readIfThere(() => fs.lstatSync(next));
    if (stats?.isSymbolicLink()) {
      times.push(stats.ctimeMs);
      waiting = [...partsOf(path.resolve(at, fs.readlinkSync(next)), root), ...rest];
      at = root;
    } else {
      at = next;
      waiting = rest;
    }
  }
  return times;
}

function partsOf(place: string, root: string): string[] {
  return place.slice(root.length).split(path.sep).filter(Boolean);
}
