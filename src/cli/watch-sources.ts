/**
 * Watches the sources of a project: everything below its folders that is not installed, hidden or written by a build, and
 * beside it the folders of single files elsewhere, such as those that bundles are made of.
 */
import { createHash } from 'node:crypto';
import {
  type BigIntStats,
  existsSync,
  type FSWatcher,
  fstatSync,
  readdirSync,
  readFileSync,
  statSync,
  watch,
} from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { globMatcher } from './glob';

/** Editors write a file in several steps, and people save several files at once. */
const QUIET_MS = 50;

export interface SourceWatch {
  /** Resolves with the changed files when some have changed since the last call; with none when the watch is stopped. */
  next(): Promise<readonly string[]>;
  /** Watches the folders of these files, too, where nothing watches them and they are not installed. Gives the new ones. */
  follow(files: readonly string[]): readonly string[];
  stop(): void;
}

/** As `watch` of cdk.json has them. */
export interface WatchPatterns {
  /** Of files below the first root. @default - all */
  readonly include?: readonly string[];
  /** Of files, and of folders with everything below them, relative to the root that they lie in. @default - none */
  readonly exclude?: readonly string[];
}

/** What the process writes itself: telling of a change in it would be the next change, for ever. */
export interface OwnOutput {
  /** What it writes to. @default - standard output and standard error */
  readonly descriptors?: readonly number[];
  /** Texts that only its output has, for where that goes through another program, as in `dev | tee dev.txt`. @default - none but {@link changeNote} */
  readonly marks?: readonly string[];
  /** Told of a file with such a text, which is not watched any more. */
  readonly onCopy?: (file: string) => void;
}

/** How a change is told. */
export function changeNote(files: readonly string[]): string {
  return `changed: ${files.map((file) => relative(process.cwd(), file)).join(', ')}`;
}

/**
 * @param roots folders to watch with everything below them
 * @param ignored folders and files that are not sources
 * @param patterns what is a source; files that are followed are, in any case
 */
export function watchSources(
  roots: readonly string[],
  ignored: readonly string[],
  { include = ['**'], exclude = [] }: WatchPatterns = {},
  { descriptors = [1, 2], marks = [], onCopy }: OwnOutput = {},
): SourceWatch {
  const isIncluded = globMatcher(include);
  const isExcluded = globMatcher(exclude);
  const followed = new Set<string>();
  const skipped = new Set(ignored.map((folder) => resolve(folder)));
  const watchers = new Map<string, FSWatcher>();
  /** By content, as a build may write the same again. */
  const known = new Map<string, string>();
  const touched = new Set<string>();
  const written = new Set(descriptors.map((descriptor) => identityOf(fstatSync(descriptor, { bigint: true }))));
  const settledRoots = roots.map((root) => resolve(root));
  let wake: (() => void) | undefined;
  let stopped = false;
  /** How the last change is told. */
  let note: string | undefined;

  const isSource = (path: string): boolean => {
    const name = basename(path);
    if (name.startsWith('.') || name === 'node_modules' || name.endsWith('~') || skipped.has(path)) return false;
    return followed.has(path) || (!name.endsWith('.log') && !isAssembly(path) && isWanted(path));
  };

  /** What the patterns say, of folders by what is excluded alone. */
  const isWanted = (path: string): boolean => {
    const at = settledRoots.findIndex((root) => isBelow(path, root));
    const parts = at < 0 ? [] : relative(settledRoots[at] ?? '', path).split(sep);
    if (parts.some((_, index) => isExcluded(parts.slice(0, index + 1).join('/')))) return false;
    return at !== 0 || isIncluded(parts.join('/')) || isFolder(path);
  };

  /** @param isDeep whether what is below its folders counts, too */
  const add = (folder: string, isNew: boolean, isDeep: boolean): void => {
    if (stopped || watchers.has(folder)) return;
    const watcher = watch(folder, (_, name) => {
      const path = join(folder, name ?? '');
      if (!isSource(path)) return;
      if (!isFolder(path)) touched.add(path);
      else if (isDeep) add(path, true, true);
      wake?.();
    });
    const forget = () => {
      watcher.close();
      watchers.delete(folder);
    };
    // A folder that is removed is not watched any more.
    watcher.on('error', forget);
    watchers.set(folder, watcher);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (!isSource(path)) continue;
      if (entry.isDirectory()) {
        if (isDeep) add(path, isNew, true);
      } else if (isNew) touched.add(path);
      else known.set(path, contentOf(path));
    }
  };
  // Below these everything that counts is watched, or is to be left alone.
  const settled = [...settledRoots, ...skipped];
  for (const root of settledRoots) add(root, false, true);

  const follow = (files: readonly string[]): readonly string[] => {
    const excluded = files.map((file) => resolve(file)).filter((file) => !isInstalled(file) && !isWanted(file));
    for (const file of excluded.filter((each) => !followed.has(each))) {
      followed.add(file);
      known.set(file, contentOf(file));
      add(dirname(file), false, false);
    }
    const folders = [...new Set(files.map((file) => dirname(resolve(file))))].filter(
      (folder) =>
        !watchers.has(folder) &&
        !isInstalled(folder) &&
        !settled.some((root) => isBelow(folder, root)) &&
        isFolder(folder),
    );
    for (const folder of folders) add(folder, false, false);
    return folders;
  };

  const isCopy = (path: string): boolean => {
    const texts = note === undefined ? marks : [...marks, note];
    if (texts.length === 0 || !isFile(path)) return false;
    const content = readFileSync(path);
    if (!texts.some((text) => content.includes(text))) return false;
    skipped.add(path);
    onCopy?.(path);
    return true;
  };

  const changed = (): string[] => {
    const paths = [...touched];
    touched.clear();
    return paths.filter((path) => {
      const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
      if (stats && written.has(identityOf(stats))) return false;
      const content = contentOf(path);
      // What came and went again was a step of somebody's editor.
      if ((known.get(path) ?? GONE) === content) return false;
      known.set(path, content);
      return !isCopy(path);
    });
  };

  return {
    follow,
    next: async () => {
      for (;;) {
        if (!stopped && touched.size === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        if (stopped) return [];
        await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
        const paths = changed();
        if (paths.length === 0) continue;
        note = changeNote(paths);
        return paths;
      }
    },
    stop: () => {
      stopped = true;
      for (const watcher of watchers.values()) watcher.close();
      wake?.();
    },
  };
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The same for a file and for whatever writes to it, by whichever name. */
function identityOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

function isInstalled(path: string): boolean {
  return path.split(sep).includes('node_modules');
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** What a synth writes, wherever to: `cdk synth --output other` too. */
function isAssembly(path: string): boolean {
  return existsSync(join(path, 'manifest.json')) && existsSync(join(path, 'cdk.out'));
}

/** What reading a file says that is not there. */
const GONE = 'ENOENT';

/** A file that is gone, or cannot be read, has a content of its own. */
function contentOf(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
