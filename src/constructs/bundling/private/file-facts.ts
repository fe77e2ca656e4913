/** Reads the facts a cached bundle depends on, contents and directory listings, each once until it can have changed. */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { readIfThere, statOf } from './probe';

/** The fact about a file or directory that is not there. */
export const ABSENT = '-';

/** Time stamps come from a clock that ticks every few milliseconds: a change may carry an earlier time than it had. */
const CLOCK_TICK_MS = 50;
/** Some file systems keep whole or even seconds. */
const COARSE_CLOCK_MS = 2_000;

/** Names esbuild may resolve an import to; a file without an extension is one of them. */
const RESOLVABLE = [
  '',
  '.ts',
  '.tsx',
  '.mts',
  '.cts',
  '.js',
  '.jsx',
  '.mjs',
  '.cjs',
  '.json',
  '.css',
  '.wasm',
  '.node',
];

/** What can be known about a place. */
export type FactKind = 'content' | 'listing' | 'modules';

interface Remembered {
  readonly fact: string;
  readonly stamp: string;
  readonly pass: number;
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
  private pass = 0;

  /** Until the next call no fact is read twice: call it whenever code that is not ours may have run. */
  public beginPass(): void {
    this.pass += 1;
    this.settled.clear();
  }

  /** Leaves a directory out of listings: the cloud assembly being written is not part of the project. */
  public ignore(dir: string): void {
    this.ignored.add(path.resolve(dir));
  }

  /** Hash of a file's contents. */
  public content(file: string): string {
    return this.remember('content', file, () => digest(fs.readFileSync(file)));
  }

  /** What in a directory an import could resolve to, with the targets of symbolic links. */
  public listing(dir: string): string {
    return this.remember('listing', dir, () => digest(this.describe(dir, this.wanted('listing', dir)).join('\n')));
  }

  /** Packages in a `node_modules` directory, with the targets of symbolic links. */
  public modules(dir: string): string {
    const names = this.remember('modules', dir, () => this.describe(dir, this.wanted('modules', dir)).join('\n'));
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
    return stats && isBefore(Math.max(stats.mtimeMs, stats.ctimeMs), Date.now()) ? stampOf(stats) : undefined;
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
    const stats = statOf(place);
    if (stats === undefined) return this.remembered.get(`${kind} ${place}`)?.fact === ABSENT;
    if (kind === 'content') return isBefore(Math.max(stats.mtimeMs, stats.ctimeMs), timeMs);
    if (!stats.isDirectory() || isBefore(stats.mtimeMs, timeMs)) return true;
    // Something came or went in this directory, but perhaps nothing that counts.
    return fs
      .readdirSync(place, { withFileTypes: true })
      .filter(this.wanted(kind, place))
      .every((entry) => {
        const found = fs.lstatSync(path.join(place, entry.name), { throwIfNoEntry: false });
        return found !== undefined && isBefore(entry.isDirectory() ? found.birthtimeMs : found.ctimeMs, timeMs);
      });
  }

  private remember(kind: FactKind, place: string, read: () => string): string {
    const key = `${kind} ${place}`;
    const known = this.remembered.get(key);
    if (known?.pass === this.pass) return known.fact;
    const now = Date.now();
    const stats = statOf(place);
    const stamp = stats ? stampOf(stats) : ABSENT;
    const fact = known?.stamp === stamp ? known.fact : stats ? (readIfThere(read) ?? ABSENT) : ABSENT;
    // Changed so recently that it could change again under the same stamp: good for this pass only.
    const racy = stats !== undefined && !isBefore(Math.max(stats.mtimeMs, stats.ctimeMs), now);
    this.remembered.set(key, { fact, stamp: racy ? '' : stamp, pass: this.pass });
    return fact;
  }

  private describe(dir: string, wanted: (entry: fs.Dirent) => boolean): string[] {
    const entries = fs.readdirSync(dir, { withFileTypes: true }).filter(wanted);
    return entries.map((entry) => `${entry.name}${suffix(dir, entry)}`).sort();
  }

  private wanted(kind: FactKind, dir: string): (entry: fs.Dirent) => boolean {
    return (entry) => {
      if (entry.name.startsWith('.')) return false;
      if (kind === 'modules') return true;
      if (!entry.isDirectory()) return RESOLVABLE.includes(path.extname(entry.name));
      const child = path.join(dir, entry.name);
      return entry.name !== 'node_modules' && !this.ignored.has(child) && !isCloudAssembly(child);
    };
  }
}

function stampOf({ ino, size, mtimeMs, ctimeMs }: fs.Stats): string {
  return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
}

/** The marker is written last: a first synth knows its own directory by `ignore()`. */
function isCloudAssembly(dir: string): boolean {
  return path.basename(dir).startsWith('cdk.out') || fs.existsSync(path.join(dir, 'cdk.out'));
}

function isBefore(stampMs: number, timeMs: number): boolean {
  return stampMs < timeMs - (stampMs % 1_000 === 0 ? COARSE_CLOCK_MS : CLOCK_TICK_MS);
}

function suffix(dir: string, entry: fs.Dirent): string {
  if (entry.isSymbolicLink()) return ` -> ${fs.readlinkSync(path.join(dir, entry.name))}`;
  return entry.isDirectory() ? ' /' : '';
}

function digest(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('base64url').slice(0, 27);
}
