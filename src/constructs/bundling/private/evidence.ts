/**
 * Everything outside the options that a bundle depends on: what was read, and what would be read instead if it appeared.
 *
 * Collected from what esbuild reports it read. It errs on the side of too much, which costs a rebuild; too little would
 * be a stale bundle.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Metafile } from 'esbuild';
import type { BuildSettings } from './build-settings';
import type { FileFacts } from './file-facts';
import { readJson } from './json-file';
import { statOf } from './probe';
import { ancestors } from './project-root';
import { mappedTargets, type TsconfigChain, tsconfigChain } from './tsconfig-chain';

/** Facts by path, relative to the project root. */
export interface Evidence {
  readonly content: Record<string, string>;
  readonly listing: Record<string, string>;
  readonly modules: Record<string, string>;
}

const CONFIG_FILES = ['package.json', 'tsconfig.json', 'jsconfig.json'];
const PNP_FILES = ['.pnp.cjs', '.pnp.js', '.pnp.data.json'];

/** Reads what is known to matter before a build, so that its removal meanwhile is noticed. */
export function readBeforeBuild(settings: BuildSettings, facts: FileFacts): void {
  new Places(settings).evidence(facts, 0);
}

/**
 * Evidence for a bundle just built, or `undefined` when it cannot be known what the bundle depends on.
 *
 * @param sinceMs a time before any of `facts` was read and before esbuild started
 */
export function collectEvidence(
  settings: BuildSettings,
  metafile: Metafile,
  facts: FileFacts,
  sinceMs: number,
): Evidence | undefined {
  const places = new Places(settings);
  for (const [input, { imports }] of Object.entries(metafile.inputs)) {
    // A definition substituted by esbuild: it is in the options.
    if (input.startsWith('<')) continue;
    const file = path.resolve(settings.project.root, input);
    // Inside an archive, or made up by esbuild.
    if (!fs.existsSync(file)) return undefined;
    places.addInput(file, imports);
  }
  return places.evidence(facts, sinceMs);
}

/** True when every fact is still what it was. */
export function holds(evidence: Evidence, root: string, facts: FileFacts): boolean {
  return (
    Object.entries(evidence.content).every(([file, fact]) => facts.content(path.resolve(root, file)) === fact) &&
    Object.entries(evidence.listing).every(([dir, fact]) => facts.listing(path.resolve(root, dir)) === fact) &&
    Object.entries(evidence.modules).every(([dir, fact]) => facts.modules(path.resolve(root, dir)) === fact)
  );
}

/** Gathers the places to take facts from. */
class Places {
  private readonly content = new Set<string>();
  private readonly listing = new Set<string>();
  private readonly modules = new Set<string>();
  private readonly visited = new Set<string>();
  private readonly chains = new Map<string, TsconfigChain>();
  private readonly root: string;

  public constructor(private readonly settings: BuildSettings) {
    const { project, esbuild } = settings;
    this.root = project.root;
    for (const file of project.lockFiles) this.content.add(file);
    this.content.add(path.join(this.root, 'node_modules', '.package-lock.json'));
    for (const dir of ancestors(this.root)) for (const name of PNP_FILES) this.content.add(path.join(dir, name));
    for (const dir of esbuild.nodePaths ?? []) this.modules.add(path.resolve(this.root, dir));
    this.addDirectory(this.root);
    this.addDirectory(path.dirname(settings.entry));
    if (esbuild.tsconfig) this.addTsconfig(esbuild.tsconfig);
    for (const target of Object.values(esbuild.alias ?? {})) this.addTarget(path.resolve(this.root, target));
    for (const file of esbuild.inject ?? []) this.addTarget(path.resolve(this.root, file));
  }

  public addInput(file: string, imports: Metafile['inputs'][string]['imports']): void {
    const dir = path.dirname(file);
    this.content.add(file);
    this.addDirectory(dir);
    if (this.settings.esbuild.sourcemap) this.content.add(sourceMapOf(file));
    for (const { original, path: resolved, external } of imports) {
      const specifier = original ?? (external ? resolved : undefined);
      if (specifier === undefined) continue;
      if (/^(\.{0,2}\/|\.{1,2}$)/.test(specifier)) {
        const target = path.resolve(dir, specifier);
        // A file wins over a directory: only what is still unresolved could become one.
        if (external) this.addTarget(target);
        else this.addDirectory(path.dirname(target));
      } else {
        this.addBareImport(dir, specifier);
      }
    }
  }

  /** The facts about all places; none when one of them may have changed since `sinceMs`, under esbuild's hands. */
  public evidence(facts: FileFacts, sinceMs: number): Evidence | undefined {
    const entries = (places: Iterable<string>, fact: (place: string) => string) =>
      Object.fromEntries([...places].sort().map((place) => [this.relative(place), fact(place)]));
    const evidence = {
      content: entries(this.content, (file) => facts.content(file)),
      listing: entries(this.listing, (dir) => facts.listing(dir)),
      modules: entries(this.modules, (dir) => facts.modules(dir)),
    };
    // Asked last, so that a change while the facts were read is noticed too.
    const kinds = ['content', 'listing', 'modules'] as const;
    const settled = kinds.every((kind) => [...this[kind]].every((place) => facts.isSettled(kind, place, sinceMs)));
    return settled ? evidence : undefined;
  }

  /** A mapped path comes first, then each `node_modules` from the importer upwards that has what is asked for. */
  private addBareImport(dir: string, specifier: string): void {
    for (const target of this.chainsOf(dir).flatMap((chain) => mappedTargets(specifier, chain))) this.addTarget(target);
    const name = packageName(specifier);
    for (const above of ancestors(dir)) {
      const modules = path.join(above, 'node_modules');
      // One that is not there shows in the listing of packages when it comes.
      if (statOf(path.join(modules, name)) === undefined) continue;
      this.addDirectory(path.join(modules, name));
      this.addTarget(path.join(modules, specifier));
    }
  }

  /** A path that is probed with extensions, and as a directory with an index file and a package.json. */
  private addTarget(target: string): void {
    this.addDirectory(path.dirname(target));
    this.listing.add(target);
    this.content.add(path.join(target, 'package.json'));
  }

  /** A directory on the way to a file: what is in it, and in all above it, steers how imports resolve. */
  private addDirectory(start: string): void {
    for (const dir of ancestors(start)) {
      if (this.visited.has(dir)) return;
      this.visited.add(dir);
      const inPackage = `${dir}${path.sep}`.includes(`${path.sep}node_modules${path.sep}`);
      for (const name of CONFIG_FILES) {
        if (name === 'package.json' || !inPackage) this.content.add(path.join(dir, name));
      }
      if (!inPackage) this.addTsconfig(path.join(dir, 'tsconfig.json'));
      for (const main of mainFiles(dir, this.settings.esbuild.mainFields)) this.addTarget(main);
      if (path.basename(dir) === 'node_modules') continue;
      this.modules.add(path.join(dir, 'node_modules'));
      // Directories above the project fill with unrelated files.
      const above = path.relative(dir, this.root) !== '' && !path.relative(dir, this.root).startsWith('..');
      if (!above) this.listing.add(dir);
    }
  }

  private addTsconfig(file: string): void {
    for (const name of tsconfigChain(file).files) this.content.add(name);
  }

  private chainsOf(dir: string): TsconfigChain[] {
    const files = this.settings.esbuild.tsconfig
      ? [this.settings.esbuild.tsconfig]
      : ancestors(dir).flatMap((above) => ['tsconfig.json', 'jsconfig.json'].map((name) => path.join(above, name)));
    return files.map((file) => {
      const chain = this.chains.get(file) ?? tsconfigChain(file);
      this.chains.set(file, chain);
      return chain;
    });
  }

  private relative(place: string): string {
    return path.relative(this.root, place).split(path.sep).join('/');
  }
}

function packageName(specifier: string): string {
  const [scope = '', name = ''] = specifier.split('/');
  return specifier.startsWith('@') ? `${scope}/${name}` : scope;
}

/** What a package.json names as the main file: when it is missing, esbuild falls back to an index file. */
function mainFiles(dir: string, fields: readonly string[] = []): string[] {
  const description = readJson(path.join(dir, 'package.json')) ?? {};
  return [...new Set(['main', 'module', ...fields])]
    .map((name) => description[name])
    .flatMap((main) => (typeof main === 'string' ? [path.resolve(dir, main)] : []));
}

/** Where esbuild looks for the map of an input; it is not among the inputs it reports. */
function sourceMapOf(file: string): string {
  const text = fs.readFileSync(file, 'latin1');
  const named = [...text.matchAll(/\/[/*][#@] sourceMappingURL=(\S+)/g)].at(-1)?.[1];
  return named === undefined || named.startsWith('data:') ? file : path.resolve(path.dirname(file), named);
}
