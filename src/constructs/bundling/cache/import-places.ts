/** Tells where the imports of a file could lead, by what esbuild reports of them and how it resolves imports. */
import * as path from 'node:path';
import type { Metafile } from 'esbuild';
import type { BuildSettings } from '../build/build-settings';
import { readJson } from '../files/json-file';
import { mapTargets, splitPackage } from '../files/package-map';
import { isFile, statOf } from '../files/probe';
import { ancestors } from '../files/project-root';
import { mappedTargets, type TsconfigChain, tsconfigChain } from '../files/tsconfig-chain';
import { directoryPlaces, nodePathsOf, type Place, targetPlaces } from './evidence-places';
import { inputMapPlaces } from './input-map';

type Import = Metafile['inputs'][string]['imports'][number];

/** Kinds of imports that mean a file beside the importer before they mean a package. */
const RELATIVE_KINDS: readonly string[] = ['import-rule', 'composes-from', 'url-token'];

/** Places that bundles depend on by their inputs; an input shared by many is looked at once. */
export class ImportPlaces {
  private readonly known = new Map<string, readonly Place[] | undefined>();
  private readonly chains = new Map<string, TsconfigChain>();
  private readonly descriptions = new Map<string, Record<string, unknown> | undefined>();

  /** Places for one input, or `undefined` when nobody can watch what it depends on. */
  public ofInput(file: string, imports: readonly Import[], settings: BuildSettings): readonly Place[] | undefined {
    const key = `${settings.project.root} ${settings.groupKey} ${file}`;
    if (!this.known.has(key)) this.known.set(key, this.find(file, imports, settings));
    return this.known.get(key);
  }

  /** Places for what the options bring into every file. */
  public ofOptions(settings: BuildSettings): readonly Place[] {
    const named = [...Object.values(settings.esbuild.alias ?? {}), ...(settings.esbuild.inject ?? [])];
    return named.flatMap((target) => this.fromRoot(target, settings));
  }

  private find(file: string, imports: readonly Import[], settings: BuildSettings): Place[] | undefined {
    // Inside an archive, made up by esbuild, or an import by pattern, which takes what is there in any depth.
    if (!isFile(file) || imports.some(isPattern)) return undefined;
    const dir = path.dirname(file);
    return unique([
      ['content', file],
      ...directoryPlaces(dir, settings),
      ...(settings.esbuild.sourcemap ? inputMapPlaces(file) : []),
      ...imports.flatMap((imported) => this.ofImport(dir, imported, settings)),
    ]);
  }

  private ofImport(dir: string, { original, path: to, external, kind }: Import, settings: BuildSettings): Place[] {
    const specifier = original ?? (external ? to : undefined);
    if (specifier === undefined) return [];
    const mapped = path.isAbsolute(specifier) ? this.mappedImport(dir, specifier, settings) : [];
    const beside = isPath(specifier) || RELATIVE_KINDS.includes(kind) ? path.resolve(dir, specifier) : undefined;
    const target = beside === undefined ? [] : targetPlaces(beside, settings);
    if (isPath(specifier)) return [...mapped, ...target];
    return [...target, ...this.bareImport(dir, specifier, settings), ...this.aliasedImport(specifier, settings)];
  }

  /** A mapped path comes first, then each `node_modules` from the importer upwards that has what is asked for. */
  private bareImport(dir: string, specifier: string, settings: BuildSettings): Place[] {
    const { name, subpath } = splitPackage(specifier);
    const installed = [...ancestors(dir).map((above) => path.join(above, 'node_modules')), ...nodePathsOf(settings)]
      // One that is not there shows in the listing of packages when it comes.
      .filter((modules) => statOf(path.join(modules, name)) !== undefined);
    return [
      ...this.mappedImport(dir, specifier, settings),
      ...this.describedImport(dir, specifier, settings),
      ...installed.flatMap((modules) => [
        ...directoryPlaces(path.join(modules, name), settings),
        // A package that says what it exports is not looked into beyond that.
        ...(this.description(path.join(modules, name))?.['exports']
          ? this.exportPlaces(path.join(modules, name), subpath, settings)
          : targetPlaces(path.join(modules, specifier), settings)),
      ]),
    ];
  }

  private mappedImport(dir: string, specifier: string, settings: BuildSettings): Place[] {
    const targets = this.chainsOf(dir, settings).flatMap((chain) => mappedTargets(specifier, chain));
    return targets.flatMap((target) => targetPlaces(target, settings));
  }

  /** `#name` of the importer's package, or the package by its own name. */
  private describedImport(dir: string, specifier: string, settings: BuildSettings): Place[] {
    if (specifier.startsWith('#')) {
      return ancestors(dir).flatMap((above) => this.importPlaces(above, specifier, settings));
    }
    const { name, subpath } = splitPackage(specifier);
    return ancestors(dir)
      .filter((above) => this.description(above)?.['name'] === name)
      .flatMap((above) => this.exportPlaces(above, subpath, settings));
  }

  private exportPlaces(dir: string, subpath: string, settings: BuildSettings): Place[] {
    const targets = mapTargets(this.description(dir)?.['exports'], subpath);
    return targets.flatMap((target) => targetPlaces(path.resolve(dir, target), settings));
  }

  private importPlaces(dir: string, specifier: string, settings: BuildSettings): Place[] {
    const targets = mapTargets(this.description(dir)?.['imports'], specifier);
    return targets.flatMap((target) => {
      if (isPath(target)) return targetPlaces(path.resolve(dir, target), settings);
      // One such name cannot stand for another.
      return target.startsWith('#') ? [] : this.bareImport(dir, target, settings);
    });
  }

  /** What an alias stands for is looked up from the project root. */
  private aliasedImport(specifier: string, settings: BuildSettings): Place[] {
    return Object.entries(settings.esbuild.alias ?? {})
      .filter(([alias]) => specifier.startsWith(`${alias}/`))
      .flatMap(([alias, target]) => this.fromRoot(`${target}${specifier.slice(alias.length)}`, settings));
  }

  private fromRoot(target: string, settings: BuildSettings): Place[] {
    const { root } = settings.project;
    const places = targetPlaces(path.resolve(root, target), settings);
    return isPath(target) ? places : [...places, ...this.bareImport(root, target, settings)];
  }

  private chainsOf(dir: string, { esbuild }: BuildSettings): TsconfigChain[] {
    const files = esbuild.tsconfig
      ? [esbuild.tsconfig]
      : ancestors(dir).flatMap((above) => ['tsconfig.json', 'jsconfig.json'].map((name) => path.join(above, name)));
    return files.map((file) => remember(this.chains, file, () => tsconfigChain(file)));
  }

  private description(dir: string): Record<string, unknown> | undefined {
    return remember(this.descriptions, dir, () => readJson(path.join(dir, 'package.json')));
  }
}

function isPath(specifier: string): boolean {
  return /^\.{1,2}(\/|$)/.test(specifier) || path.isAbsolute(specifier);
}

/** As in `import('./prompts/' + name)`: what esbuild found for it is not reported. */
function isPattern({ path: to, external }: Import): boolean {
  return external === true && to.includes('*');
}

function remember<T>(known: Map<string, T>, key: string, read: () => T): T {
  if (!known.has(key)) known.set(key, read());
  return known.get(key) as T;
}

function unique(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [place.join(' '), place])).values()];
}
