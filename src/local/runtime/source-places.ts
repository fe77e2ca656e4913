/**
 * Leads the places that stack traces name to files of the author: the code of a function runs in a copy of its asset, in a
 * temporary folder whose name says nothing and that is gone when somebody looks.
 */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import type { SourceMap } from 'node:module';
import { basename, join, relative, resolve, sep } from 'node:path';
import { codeOrigin } from '../code-origin';
import { bundleMap } from './bundle-maps';

/**
 * A file with its line, as traces and the head of a syntax error have it; a path alone may be data of the function. From a
 * word's start on: else a long word takes the square of its length.
 */
const PLACE = /(?<![^\s"'(])(?:file:\/\/)?(\/[^\s"'():\\]+):(\d+)(?::(\d+))?(?![\w:])/g;

const SOURCE = /\.[cm]?[jt]sx?$/;

export class SourcePlaces {
  /** By folder of an asset: the author's folder. */
  private readonly folders = new Map<string, string | undefined>();
  /** By file of a bundle that has none of its own. */
  private readonly maps = new Map<string, SourceMap | undefined>();

  /** @param directories of the function, where its code runs and its layers lie */
  public constructor(private readonly directories: readonly string[]) {}

  /** `text` with the files that the code was copied from. */
  public named(text: string): string {
    // Nearly all that functions log.
    if (!text.includes('/')) return text;
    return text.replace(PLACE, (whole, path: string, line: string, column: string | undefined) => {
      const mapped = column === undefined ? undefined : this.mapped(path, Number(line), Number(column));
      if (mapped !== undefined) return mapped;
      const source = this.sourceOf(path);
      return source === undefined ? whole : `${source}:${line}${column === undefined ? '' : `:${column}`}`;
    });
  }

  /** @param line from 1, as the column is */
  private mapped(path: string, line: number, column: number): string | undefined {
    if (!this.maps.has(path)) this.maps.set(path, this.mapOf(path));
    const entry = this.maps.get(path)?.findEntry(line - 1, column - 1);
    if (entry === undefined || !('originalSource' in entry)) return undefined;
    return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  }

  private mapOf(path: string): SourceMap | undefined {
    const directory = this.directoryOf(path);
    const folder = directory === undefined ? undefined : codeOrigin(directory);
    if (directory === undefined || folder === undefined) return undefined;
    return bundleMap({ folder, file: relative(directory, path), code: readFileSync(path, 'utf8') });
  }

  private directoryOf(path: string): string | undefined {
    return isFile(path) ? this.directories.find((each) => path.startsWith(each + sep)) : undefined;
  }

  private sourceOf(path: string): string | undefined {
    const directory = this.directoryOf(path);
    if (directory !== undefined) return this.ownFile(directory, path);
    // What a source map names: relative to the bundle, as if that were still in the assembly.
    const [code] = this.directories;
    const origin = code !== undefined && SOURCE.test(path) && !existsSync(path) ? codeOrigin(code) : undefined;
    if (code === undefined || origin === undefined) return undefined;
    const places = [origin, join(process.cwd(), 'cdk.out', basename(origin))];
    return places.map((folder) => resolve(folder, relative(code, path))).find(isFile);
  }

  /** The author's file rather than its copy in the assembly. */
  private ownFile(directory: string, path: string): string | undefined {
    const origin = codeOrigin(directory);
    if (origin === undefined || !isFolder(origin)) return undefined;
    if (!this.folders.has(origin)) this.folders.set(origin, folderLike(origin, process.cwd()));
    const folders = [this.folders.get(origin) ?? origin, origin];
    return folders.map((folder) => join(folder, relative(directory, path))).find(isFile);
  }
}

/** More than a project has that is not generated. */
const MAX_FOLDERS = 2_000;
/** Of an asset, to be compared. */
const MAX_FILES = 200;

/** The only folder of the project that has all files of the asset; undefined where there is none, or several. */
function folderLike(asset: string, project: string): string | undefined {
  const files = filesOf(asset);
  const [first] = files;
  if (first === undefined) return undefined;
  const folders = projectFolders(project).filter((folder) => folder !== asset && isSame(asset, folder, first));
  const alike = folders.filter((folder) => files.every((file) => isSame(asset, folder, file)));
  return alike.length === 1 ? alike[0] : undefined;
}

function filesOf(folder: string): readonly string[] {
  const found: string[] = [];
  const walk = (path: string): void => {
    for (const entry of readdirSync(join(folder, path), { withFileTypes: true })) {
      if (found.length >= MAX_FILES) return;
      if (entry.isDirectory()) walk(join(path, entry.name));
      else if (entry.isFile()) found.push(join(path, entry.name));
    }
  };
  walk('');
  return found;
}

/** Breadth first, without what is installed, hidden or a cloud assembly. */
function projectFolders(project: string): readonly string[] {
  const folders = [project];
  for (let at = 0; at < folders.length && folders.length < MAX_FOLDERS; at += 1) {
    const folder = folders[at] ?? project;
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const isLeft = entry.name.startsWith('.') || entry.name === 'node_modules' || existsSync(join(path, 'cdk.out'));
      if (entry.isDirectory() && !isLeft) folders.push(path);
    }
  }
  return folders;
}

function isSame(asset: string, folder: string, file: string): boolean {
  const [one, other] = [join(asset, file), join(folder, file)];
  return isFile(other) && statSync(one).size === statSync(other).size && readFileSync(one).equals(readFileSync(other));
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
