/** Follows a tsconfig through `extends`, and reads what it says about resolving imports. https://www.typescriptlang.org/tsconfig */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { readJson, record } from './json-file';
import { mapTargets, matchPattern, splitPackage } from './package-map';
import { readIfThere } from './probe';
import { ancestors } from './project-root';

/** How a chain of tsconfig files redirects imports. */
export interface PathMapping {
  /** Directories that bare imports are looked up in first. */
  readonly baseUrls: readonly string[];
  /** Pattern of an import, such as `@app/*`, and absolute targets to try. */
  readonly paths: ReadonlyArray<readonly [pattern: string, targets: readonly string[]]>;
}

/** Every file a chain consists of, present or not, and the mapping they give together. */
export interface TsconfigChain extends PathMapping {
  readonly files: readonly string[];
}

/** Stands for the directory of the tsconfig that extends, in those that are extended. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is written like this in a tsconfig
const CONFIG_DIR = '${configDir}';

/** Reads a tsconfig and everything it extends; of files that exist only. */
export function tsconfigChain(tsconfig: string): TsconfigChain {
  const files = new Set<string>();
  const baseUrls: string[] = [];
  const mapped: Array<{ pattern: string; targets: readonly string[]; dirs: readonly string[] }> = [];
  const configDirs = dirsOf(tsconfig);
  const resolveAll = (dirs: readonly string[], target: string): string[] =>
    target.startsWith(CONFIG_DIR)
      ? configDirs.map((dir) => path.join(dir, target.slice(CONFIG_DIR.length)))
      : dirs.map((dir) => path.resolve(dir, target));
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    const config = readJson(file);
    if (config === undefined) return;
    const dirs = dirsOf(file);
    const { baseUrl, paths } = record(config['compilerOptions']);
    if (typeof baseUrl === 'string') baseUrls.push(...resolveAll(dirs, baseUrl));
    for (const [pattern, targets] of Object.entries(record(paths))) {
      mapped.push({ pattern, targets: strings(targets), dirs });
    }
    for (const extended of strings(config['extends'])) {
      for (const dir of dirs) for (const candidate of extendsCandidates(dir, extended)) visit(candidate);
    }
  };
  visit(tsconfig);
  // Whose baseUrl counts for whose paths depends on who overrides whom: all of them are tried.
  const paths = mapped.map(({ pattern, targets, dirs }): readonly [string, string[]] => [
    pattern,
    targets.flatMap((target) => [...new Set(resolveAll([...dirs, ...baseUrls], target))]),
  ]);
  return { files: [...files], baseUrls, paths };
}

/** Compiler options of a tsconfig, with those it extends underneath. */
export function compilerOptionsOf(tsconfig: string): Record<string, unknown> {
  const layers = tsconfigChain(tsconfig).files.map((file) => record(readJson(file)?.['compilerOptions']));
  return Object.assign({}, ...layers.reverse());
}

/** Files and directories an import could mean under a mapping, before any `node_modules` is looked at. */
export function mappedTargets(specifier: string, { baseUrls, paths }: PathMapping): string[] {
  const mapped = paths.flatMap(([pattern, targets]) => {
    const match = matchPattern(pattern, specifier);
    return match === undefined ? [] : targets.map((target) => target.replace('*', () => match));
  });
  return [...mapped, ...baseUrls.map((base) => path.resolve(base, specifier))];
}

/** Where a file is named to be, and where it really is, from which esbuild resolves what it says. */
function dirsOf(file: string): string[] {
  const real = readIfThere(() => fs.realpathSync.native(file)) ?? file;
  return [...new Set([path.dirname(file), path.dirname(real)])];
}

/** More places than the resolver would look at: a file too many costs nothing, one too few is a stale bundle. */
function extendsCandidates(dir: string, extended: string): string[] {
  if (extended.startsWith('.') || path.isAbsolute(extended)) return configNames(path.resolve(dir, extended));
  return ancestors(dir).flatMap((above) => [
    ...configNames(path.join(above, 'node_modules', extended)),
    ...packageConfigs(path.join(above, 'node_modules'), extended),
  ]);
}

/** What the package.json of a package says the name stands for: that of the package, or of a folder in it. */
function packageConfigs(modules: string, extended: string): string[] {
  const { name, subpath } = splitPackage(extended);
  return [...new Set([path.join(modules, name), path.join(modules, extended)])].flatMap((dir) => {
    const file = path.join(dir, 'package.json');
    const description = readJson(file);
    if (description === undefined) return [file];
    const { tsconfig, exports } = description;
    const named = [...(typeof tsconfig === 'string' ? [tsconfig] : []), ...mapTargets(exports, subpath)];
    return [file, ...named.flatMap((target) => configNames(path.resolve(dir, target)))];
  });
}

function configNames(target: string): string[] {
  return [target, `${target}.json`, path.join(target, 'tsconfig.json')];
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
