/** Tells which places of the file system a build depends on, by what esbuild reports it read and how it resolves imports. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Metafile } from 'esbuild';
import type { BuildSettings } from './build-settings';
import { isFile, statOf } from './probe';
import { ancestors } from './project-root';
import { mappedTargets, type TsconfigChain, tsconfigChain } from './tsconfig-chain';

export const EVIDENCE_KINDS = ['content', 'listing', 'modules', 'directory'] as const;

/** Contents of a file, names in a directory, packages in a `node_modules`, or how a directory resolves imports. */
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

export type Place = readonly [kind: EvidenceKind, place: string];

type Imports = Metafile['inputs'][string]['imports'];

/** Places that every build with these settings depends on. */
export function settingsPlaces({ project: { root, lockFiles }, esbuild, entry }: BuildSettings): Place[] {
  const content = [
    ...lockFiles,
    path.join(root, 'node_modules', '.package-lock.json'),
    ...(esbuild.tsconfig ? tsconfigChain(esbuild.tsconfig).files : []),
  ];
  const targets = [...Object.values(esbuild.alias ?? {}), ...(esbuild.inject ?? [])];
  return [
    ['directory', root],
    ['directory', path.dirname(entry)],
    ...content.map((file): Place => ['content', file]),
    ...(esbuild.nodePaths ?? []).map((dir): Place => ['modules', path.resolve(root, dir)]),
    ...targets.flatMap((target) => targetPlaces(path.resolve(root, target))),
  ];
}

/** Places that bundles depend on by their inputs; an input shared by many is looked at once. */
export class InputPlaces {
  private readonly known = new Map<string, readonly Place[] | undefined>();
  private readonly chains = new Map<string, TsconfigChain>();

  /** Places for one input, or `undefined` when it is inside an archive or made up by esbuild. */
  public of(file: string, imports: Imports, settings: BuildSettings): readonly Place[] | undefined {
    const key = `${settings.project.root} ${settings.groupKey} ${file}`;
    if (!this.known.has(key)) this.known.set(key, isFile(file) ? this.find(file, imports, settings) : undefined);
    return this.known.get(key);
  }

  private find(file: string, imports: Imports, settings: BuildSettings): Place[] {
    const dir = path.dirname(file);
    const sourceMap: Place[] = settings.esbuild.sourcemap ? [['content', sourceMapOf(file)]] : [];
    const resolved = imports.flatMap(({ original, path: to, external }) => {
      const specifier = original ?? (external ? to : undefined);
      if (specifier === undefined) return [];
      if (!/^(\.{0,2}\/|\.{1,2}$)/.test(specifier)) return this.bareImport(dir, specifier, settings);
      const target = path.resolve(dir, specifier);
      // A file wins over a directory: only what is still unresolved could become one.
      return external ? targetPlaces(target) : [['directory', path.dirname(target)] satisfies Place];
    });
    return unique([['content', file], ['directory', dir], ...sourceMap, ...resolved]);
  }

  /** A mapped path comes first, then each `node_modules` from the importer upwards that has what is asked for. */
  private bareImport(dir: string, specifier: string, settings: BuildSettings): Place[] {
    const mapped = this.chainsOf(dir, settings).flatMap((chain) => mappedTargets(specifier, chain));
    const name = packageName(specifier);
    const installed = ancestors(dir)
      .map((above) => path.join(above, 'node_modules'))
      // One that is not there shows in the listing of packages when it comes.
      .filter((modules) => statOf(path.join(modules, name)) !== undefined);
    return [
      ...mapped.flatMap(targetPlaces),
      ...installed.map((modules): Place => ['directory', path.join(modules, name)]),
      ...installed.flatMap((modules) => targetPlaces(path.join(modules, specifier))),
    ];
  }

  private chainsOf(dir: string, { esbuild }: BuildSettings): TsconfigChain[] {
    const files = esbuild.tsconfig
      ? [esbuild.tsconfig]
      : ancestors(dir).flatMap((above) => ['tsconfig.json', 'jsconfig.json'].map((name) => path.join(above, name)));
    return files.map((file) => {
      const chain = this.chains.get(file) ?? tsconfigChain(file);
      this.chains.set(file, chain);
      return chain;
    });
  }
}

/** A path that is probed with extensions, and as a directory with an index file and a package.json. */
function targetPlaces(target: string): Place[] {
  return [
    ['directory', path.dirname(target)],
    ['listing', target],
    ['content', path.join(target, 'package.json')],
  ];
}

function unique(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [place.join(' '), place])).values()];
}

function packageName(specifier: string): string {
  const [scope = '', name = ''] = specifier.split('/');
  return specifier.startsWith('@') ? `${scope}/${name}` : scope;
}

/** Where esbuild looks for the map of an input; it is not among the inputs it reports. */
function sourceMapOf(file: string): string {
  const text = fs.readFileSync(file, 'latin1');
  const named = [...text.matchAll(/\/[/*][#@] sourceMappingURL=(\S+)/g)].at(-1)?.[1];
  return named === undefined || named.startsWith('data:') ? file : path.resolve(path.dirname(file), named);
}
