/** Follows a tsconfig through `extends`, and reads what it says about resolving imports. https://www.typescriptlang.org/tsconfig */
import * as path from 'node:path';
import { readJson, record } from './json-file';
import { ancestors } from './project-root';

/** How a chain of tsconfig files redirects imports. */
export interface PathMapping {
  /** Directory that bare imports are looked up in first. */
  readonly baseUrls: readonly string[];
  /** Pattern of an import, such as `@app/*`, and absolute targets to try. */
  readonly paths: ReadonlyArray<readonly [pattern: string, targets: readonly string[]]>;
}

/** Every file a chain consists of, present or not, and the mapping they give together. */
export interface TsconfigChain extends PathMapping {
  readonly files: readonly string[];
}

/** Reads a tsconfig and everything it extends; of files that exist only. */
export function tsconfigChain(tsconfig: string): TsconfigChain {
  const files = new Set<string>();
  const baseUrls: string[] = [];
  const paths: Array<readonly [string, readonly string[]]> = [];
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    const config = readJson(file);
    if (config === undefined) return;
    const dir = path.dirname(file);
    const { baseUrl, paths: mapped } = record(config['compilerOptions']);
    const base = typeof baseUrl === 'string' ? path.resolve(dir, baseUrl) : dir;
    if (typeof baseUrl === 'string') baseUrls.push(base);
    for (const [pattern, targets] of Object.entries(record(mapped))) {
      paths.push([pattern, strings(targets).map((target) => path.resolve(base, target))]);
    }
    for (const extended of strings(config['extends'])) {
      for (const candidate of extendsCandidates(dir, extended)) visit(candidate);
    }
  };
  visit(tsconfig);
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
    return match === undefined ? [] : targets.map((target) => target.replace('*', match));
  });
  return [...mapped, ...baseUrls.map((base) => path.resolve(base, specifier))];
}

function matchPattern(pattern: string, specifier: string): string | undefined {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === specifier ? '' : undefined;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  const fits = specifier.length >= before.length + after.length;
  return fits && specifier.startsWith(before) && specifier.endsWith(after)
    ? specifier.slice(before.length, specifier.length - after.length)
    : undefined;
}

/** More places than the resolver would look at: a file too many costs nothing, one too few is a stale bundle. */
function extendsCandidates(dir: string, extended: string): string[] {
  const named = (target: string) => [target, `${target}.json`, path.join(target, 'tsconfig.json')];
  if (extended.startsWith('.') || path.isAbsolute(extended)) return named(path.resolve(dir, extended));
  return ancestors(dir).flatMap((above) => {
    const target = path.join(above, 'node_modules', extended);
    return [...named(target), ...packageTsconfig(target)];
  });
}

function packageTsconfig(dir: string): string[] {
  const file = path.join(dir, 'package.json');
  const { tsconfig } = record(readJson(file));
  return typeof tsconfig === 'string' ? [file, path.resolve(dir, tsconfig)] : [file];
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
