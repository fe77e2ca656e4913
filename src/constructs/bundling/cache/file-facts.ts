/** Reads the facts a cached bundle depends on, contents and directory listings, each once until it can have changed. */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { readIfThere, statOf } from '../files/probe';
import { describeLink, linkTimes, realPlace } from './links';
import { isListed, isPackage } from './listed-names';

/** The fact about a file or directory that is not there. */
export const ABSENT = '-';

/** Time stamps come from a clock that ticks every few milliseconds: a change may carry an earlier time than it had. */
const CLOCK_TICK_MS = 50;
/** Some file systems keep whole or even seconds. */
const COARSE_CLOCK_MS = 2_000;

/** What can be known about a place. */
export const FACT_KINDS = ['content', 'real', 'listing', 'names', 'modules'] as const;
export type FactKind = (typeof FACT_KINDS)[number];

/** The facts that are about what is in a directory. */
type NamesKind = 'listing' | 'names' | 'modules';

interface Remembered {
  readonly fact: string;
  readonly stamp: string;
  readonly pass: number;
  /** Links that can change their meaning while the directory they are in stays as it is. */
  readonly chained: readonly string[];
}

/** What was last found in a `node_modules` directory. */
interface Packages {
  readonly names: string;
  readonly scopes: readonly string[];
  readonly inside: string;
  readonly fact: string;
}

/** Facts about a file system, as short strings that stay equal as long as esbuild could not notice a change. */
export class FileFacts {
  private readonly remembered = new Map<string, Remembered>();
  private readonly packages = new Map<string, Packages>();
  private readonly ignored = new Set<string>();
  private readonly settled = new Map<string, boolean>();
  private readonly realPlaces = new Map<string, string>();
  private pass = 0;

  /** Until the next call no fact is read twice: call it whenever code that is not ours may have run. */
  public beginPass(): void {
    this.pass += 1;
    this.settled.clear();
    this.realPlaces.clear();
  }

  /** Leaves a directory out of listings: the cloud assembly being written is not part of the project. */
  public ignore(dir: string): void {
    const place = path.resolve(dir);
    // Listings go by real paths, as esbuild's report of its inputs does.
    for (const name of [place, readIfThere(() => fs.realpathSync(place))])
      if (name !== undefined) this.ignored.add(name);
  }

  /** Hash of a file's contents. */
  public content(file: string): string {
    return this.remember('content', file, () => digest(fs.readFileSync(file)));
  }

  /** Where a path leads through symbolic links: files are resolved from there, and named so in bundles. */
  public real(place: string): string {
    const known = this.realPlaces.get(place) ?? realPlace(place) ?? ABSENT;
    this.realPlaces.set(place, known);
    return known;
  }

  /** What in a directory an import could resolve to, with the targets of symbolic links. */
  public listing(dir: string): string {
    return this.remember('listing', dir, (chained) => digest(this.describe('listing', dir, chained).join('\n')));
  }

  /** Every name in a directory: for imports of files with an extension of their own. */
  public names(dir: string): string {
    return this.remember('names', dir, (chained) => digest(this.describe('names', dir, chained).join('\n')));
  }

  /** Packages in a `node_modules` directory, with the targets of symbolic links. */
  public modules(dir: string): string {
    const names = this.remember('modules', dir, (chained) => this.describe('modules', dir, chained).join('\n'));
    if (names === ABSENT) return ABSENT;
    const known = this.packages.get(dir);
    const same = known?.names === names ? known : undefined;
    // A scope is a directory of its own, whose changes do not show in the outer one.
    const scopes = same?.scopes ?? names.split('\n').filter((name) => name.startsWith('@'));
    const inside = scopes.map((scope) => this.modules(path.join(dir, scope.replace(/ .*/, '')))).join(' ');
    const fact = same?.inside === inside ? same.fact : digest(`${names}\n${inside}`);
    this.packages.set(dir, { names, scopes, inside, fact });
    return fact;
  }

  /** Stays equal while nothing comes to or goes from a directory; nothing when it changed too recently to tell. */
  public stamp(dir: string): string | undefined {
    const stats = statOf(dir);
    return stats && isBefore(changedAt(stats), Date.now()) ? stampOf(stats) : undefined;
  }

  /**
   * True when a fact has certainly not changed since `timeMs`, so that code which ran since has seen the same.
   *
   * To be asked after the fact itself; the first answer of a pass stays, as the fact does.
   */
  public isSettled(kind: FactKind, place: string, timeMs: number): boolean {
    const key = `${timeMs} ${kind} ${place}`;
    const known = this.settled.get(key) ?? this.checkSettled(kind, place, timeMs);
    this.settled.set(key, known);
    return known;
  }

  private checkSettled(kind: FactKind, place: string, timeMs: number): boolean {
    if (kind === 'real') return areBefore(linkTimes(place), timeMs);
    const known = this.remembered.get(`${kind} ${place}`);
    const stats = statOf(place);
    if (stats === undefined) return known?.fact === ABSENT;
    if (kind === 'content') return isBefore(changedAt(stats), timeMs);
    if (!stats.isDirectory()) return true;
    if (!known?.chained.every((link) => areBefore(linkTimes(link), timeMs))) return false;
    if (isBefore(stats.mtimeMs, timeMs)) return true;
    // Something came or went in this directory, but perhaps nothing that counts.
    return this.entries(kind, place).every(({ name }) => {
      const found = fs.lstatSync(path.join(place, name), { throwIfNoEntry: false });
      return found !== undefined && isBefore(arrivedAt(found), timeMs);
    });
  }

  private remember(kind: FactKind, place: string, read: (chained: string[]) => string): string {
    const key = `${kind} ${place}`;
    const known = this.remembered.get(key);
    if (known?.pass === this.pass) return known.fact;
    const now = Date.now();
    const stats = statOf(place);
    if (known && stats && known.stamp === stampWith(stats, known.chained, now)) {
      this.remembered.set(key, { ...known, pass: this.pass });
      return known.fact;
    }
    const chained: string[] = [];
    const fact = stats ? (readIfThere(() => read(chained)) ?? ABSENT) : ABSENT;
    const stamp = stats && stampWith(stats, chained, now);
    this.remembered.set(key, { fact, stamp: stamp ?? '', pass: this.pass, chained });
    return fact;
  }

  /** Each name with what it is; links whose meaning depends on other links are added to `chained`. */
  private describe(kind: NamesKind, dir: string, chained: string[]): string[] {
    const entries = this.entries(kind, dir);
    const real = fs.realpathSync.native(dir);
    const described = entries.map((entry) => {
      if (!entry.isSymbolicLink()) return entry.isDirectory() ? `${entry.name} /` : entry.name;
      const { text, isChained } = describeLink(real, entry.name);
      if (isChained) chained.push(path.join(dir, entry.name));
      return `${entry.name} -> ${text}`;
    });
    // A node_modules may be a link itself, and no listing tells of it.
    const itself = kind === 'modules' && real !== dir ? [`-> ${path.relative(path.dirname(dir), real)}`] : [];
    return [...itself, ...described.sort()];
  }

  private entries(kind: NamesKind, dir: string): fs.Dirent[] {
    const entries = fs.readdirSync(dir, { withFileTypes: true });
    if (kind === 'names') return entries;
    return entries.filter((entry) => (kind === 'modules' ? isPackage(entry) : isListed(dir, entry, this.ignored)));
  }
}

function stampOf({ ino, size, mtimeMs, ctimeMs }: fs.Stats): string {
  return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
}

/** Nothing when something changed so recently that it could change again under the same stamp. */
function stampWith(stats: fs.Stats, chained: readonly string[], nowMs: number): string | undefined {
  const all = [stats, ...chained.map((link) => statOf(link))];
  if (!all.every((found) => found === undefined || isBefore(changedAt(found), nowMs))) return undefined;
  return all.map((found) => (found ? stampOf(found) : ABSENT)).join(' ');
}

function changedAt({ mtimeMs, ctimeMs }: fs.Stats): number {
  return Math.max(mtimeMs, ctimeMs);
}

/** When something got its name. A directory also changes with what it holds, which touches both times alike. */
function arrivedAt(stats: fs.Stats): number {
  return stats.isDirectory() && stats.ctimeMs === stats.mtimeMs ? stats.birthtimeMs : stats.ctimeMs;
}

function areBefore(stampsMs: readonly number[], timeMs: number): boolean {
  return stampsMs.every((stampMs) => isBefore(stampMs, timeMs));
}

function isBefore(stampMs: number, timeMs: number): boolean {
  return stampMs < timeMs - (stampMs % 1_000 === 0 ? COARSE_CLOCK_MS : CLOCK_TICK_MS);
}

function digest(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('base64url').slice(0, 27);
}
