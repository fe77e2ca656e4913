/** Sums up what in and above a directory steers how imports between files resolve, so that one value tells of a change. */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { readJson } from '../files/json-file';
import { readIfThere } from '../files/probe';
import { isAbove, isWithin } from '../files/project-root';
import { tsconfigChain } from '../files/tsconfig-chain';
import { ABSENT, type FactKind, type FileFacts } from './file-facts';
import { isProbedName } from './listed-names';

/** What a directory's meaning depends on besides the file system. */
export interface ResolutionContext {
  /** The project; directories above it fill with unrelated files, which no import reaches. */
  readonly root: string;
  /** Fields of a package.json that name a main file. */
  readonly mainFields: readonly string[];
  /** True when imports are probed with extensions of the user's choice. */
  readonly anyExtension: boolean;
}

/** esbuild looks for Yarn's resolution data at and above the project. */
const PNP_FILES = ['.pnp.cjs', '.pnp.js', '.pnp.data.json'];

type Fact = readonly [kind: FactKind, place: string];

interface Known {
  readonly digest: string;
  readonly facts: readonly Fact[];
  /** What the facts were, that of the directory above first. */
  readonly values: readonly string[];
  /** Facts that are about nothing at all, not even a link that leads nowhere. */
  readonly isMissing: readonly boolean[];
  /** Changes whenever something comes to the directory or goes from it; unknown when it has just changed. */
  stamp: string | undefined;
  pass: number;
  /** The answer to whether it is settled, together with all above. */
  settled?: { readonly sinceMs: number; readonly pass: number; readonly value: boolean };
}

/** Digests of directories, each made once in a pass. */
export class DirectoryFacts {
  private readonly known = new Map<string, Known>();
  private pass = 0;
  private readonly derived = new Map<string, { readonly state: string; readonly places: readonly string[] }>();

  public constructor(
    private readonly files: FileFacts,
    private readonly context: ResolutionContext,
  ) {}

  /** To be called together with that of the file facts. */
  public beginPass(): void {
    this.pass += 1;
  }

  /** A value that stays equal as long as imports from this directory resolve as they did. */
  public digest(dir: string): string {
    return this.lookUp(dir).digest;
  }

  /** True when nothing of it has changed since `timeMs`; to be asked after `digest()`. */
  public isSettled(dir: string, timeMs: number): boolean {
    const known = this.lookUp(dir);
    if (known.settled?.sinceMs === timeMs && known.settled.pass === this.pass) return known.settled.value;
    const parent = path.dirname(dir);
    const value =
      known.facts.every(([kind, place]) => this.files.isSettled(kind, place, timeMs)) &&
      (parent === dir || this.isSettled(parent, timeMs));
    known.settled = { sinceMs: timeMs, pass: this.pass, value };
    return value;
  }

  private lookUp(dir: string): Known {
    const known = this.known.get(dir);
    if (known?.pass === this.pass) return known;
    const above = path.dirname(dir) === dir ? '' : this.lookUp(path.dirname(dir)).digest;
    // Which facts count is told by the facts themselves, so equal ones need no other look.
    const stamp = this.files.stamp(dir);
    if (known && known.values[0] === above && this.isUnchanged(dir, known, stamp)) {
      known.pass = this.pass;
      known.stamp = stamp;
      return known;
    }
    const facts = this.factsOf(dir);
    const values = [above, ...this.valuesOf(facts)];
    const names = facts.map(([kind, place]) => `${kind} ${path.relative(dir, place)}`);
    const digest = createHash('sha256')
      .update(JSON.stringify([names, values]))
      .digest('base64url')
      .slice(0, 27);
    const isMissing = facts.map(([, place], index) => values[index + 1] === ABSENT && !isAnything(place));
    const found: Known = { digest, facts, values, isMissing, stamp, pass: this.pass };
    this.known.set(dir, found);
    return found;
  }

  /** With an equal stamp, what was absent from the directory still is. */
  private isUnchanged(dir: string, known: Known, stamp: string | undefined): boolean {
    const sameNames = stamp !== undefined && stamp === known.stamp;
    return known.facts.every(([kind, place], index) => {
      if (sameNames && known.isMissing[index] && path.dirname(place) === dir) return true;
      return this.files[kind](place) === known.values[index + 1];
    });
  }

  private valuesOf(facts: readonly Fact[]): string[] {
    return facts.map(([kind, place]) => this.files[kind](place));
  }

  private factsOf(dir: string): Fact[] {
    const inPackage = `${dir}${path.sep}`.includes(`${path.sep}node_modules${path.sep}`);
    const isModules = path.basename(dir) === 'node_modules';
    const above = isAbove(dir, this.context.root);
    const outside = !above && !isWithin(this.context.root, dir);
    const configs = inPackage ? [] : this.configFiles(dir);
    const content = [
      path.join(dir, 'package.json'),
      ...configs,
      ...(above || dir === this.context.root ? PNP_FILES.map((name) => path.join(dir, name)) : []),
    ];
    return [
      ...content.map((file): Fact => ['content', file]),
      // Where it is decides what a tsconfig extends; outside of the project no listing tells of links.
      ...configs.filter((file) => this.files.content(file) !== ABSENT).map((file): Fact => ['real', file]),
      ...(outside ? [['real', dir] satisfies Fact] : []),
      // Nothing above the project is imported as a directory.
      ...(above ? [] : this.mainFiles(dir).flatMap((main) => this.targetFacts(main))),
      ...(isModules ? [] : [['modules', path.join(dir, 'node_modules')] satisfies Fact]),
      // What a node_modules directory contains is told by the line above, of its parent.
      ...(isModules || above ? [] : [this.listingOf(dir)]),
    ];
  }

  private listingOf(dir: string): Fact {
    return [this.context.anyExtension ? 'names' : 'listing', dir];
  }

  /** Facts about a path that is probed with extensions, and as a directory with an index file or a package.json. */
  private targetFacts(target: string): Fact[] {
    const dir = path.dirname(target);
    return [
      isProbedName(path.basename(target)) ? this.listingOf(dir) : ['names', dir],
      this.listingOf(target),
      ['content', path.join(target, 'package.json')],
    ];
  }

  private configFiles(dir: string): readonly string[] {
    return ['tsconfig.json', 'jsconfig.json'].flatMap((name) => {
      const file = path.join(dir, name);
      return this.derive(
        file,
        (places) => places,
        () => tsconfigChain(file).files,
      );
    });
  }

  /** When a main file is missing, esbuild falls back to an index file. */
  private mainFiles(dir: string): readonly string[] {
    const file = path.join(dir, 'package.json');
    const read = () => {
      const description = readJson(file) ?? {};
      const named = [...new Set(['main', 'module', 'browser', ...this.context.mainFields])].map(
        (field) => description[field],
      );
      return [file, ...named.flatMap((main) => (typeof main === 'string' ? [path.resolve(dir, main)] : []))];
    };
    return this.derive(file, () => [file], read).slice(1);
  }

  /** Places read out of a file, the file first; read again only when one of those it is based on has changed. */
  private derive(file: string, basis: (places: readonly string[]) => readonly string[], read: () => readonly string[]) {
    if (this.files.content(file) === ABSENT) return [file];
    const stateOf = (places: readonly string[]) =>
      basis(places)
        .map((place) => [this.files.content(place), place] as const)
        .map(([content, place]) => (content === ABSENT ? ABSENT : `${content} ${this.files.real(place)}`))
        .join(' ');
    const known = this.derived.get(file);
    if (known && known.state === stateOf(known.places)) return known.places;
    const places = read();
    this.derived.set(file, { state: stateOf(places), places });
    return places;
  }
}

function isAnything(place: string): boolean {
  return readIfThere(() => fs.lstatSync(place)) !== undefined;
}
