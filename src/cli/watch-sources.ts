/** Watches the sources of a project: everything below a folder that is not installed, hidden or written by a build. */
import { createHash } from 'node:crypto';
import { type FSWatcher, readdirSync, readFileSync, statSync, watch } from 'node:fs';
import { basename, join, resolve } from 'node:path';

/** Editors write a file in several steps, and people save several files at once. */
const QUIET_MS = 50;

export interface SourceWatch {
  /** Resolves with the changed files when some have changed since the last call; with none when the watch is stopped. */
  next(): Promise<readonly string[]>;
  stop(): void;
}

/** @param ignored folders that are not sources */
export function watchSources(root: string, ignored: readonly string[]): SourceWatch {
  const skipped = new Set(ignored.map((folder) => resolve(folder)));
  const watchers = new Map<string, FSWatcher>();
  /** By content, as a build may write the same again. */
  const known = new Map<string, string>();
  const touched = new Set<string>();
  let wake: (() => void) | undefined;
  let stopped = false;

  const isSource = (path: string): boolean => {
    const name = basename(path);
    return !name.startsWith('.') && name !== 'node_modules' && !name.endsWith('~') && !skipped.has(path);
  };

  const add = (folder: string, isNew: boolean): void => {
    if (stopped || watchers.has(folder)) return;
    const watcher = watch(folder, (_, name) => {
      const path = join(folder, name ?? '');
      if (!isSource(path)) return;
      if (isFolder(path)) add(path, true);
      else touched.add(path);
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
      if (entry.isDirectory()) add(path, isNew);
      else if (isNew) touched.add(path);
      else known.set(path, contentOf(path));
    }
  };
  add(resolve(root), false);

  const changed = (): string[] => {
    const paths = [...touched];
    touched.clear();
    return paths.filter((path) => {
      const content = contentOf(path);
      // What came and went again was a step of somebody's editor.
      if ((known.get(path) ?? GONE) === content) return false;
      known.set(path, content);
      return true;
    });
  };

  return {
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
        if (paths.length > 0) return paths;
      }
    },
    stop: () => {
      stopped = true;
      for (const watcher of watchers.values()) watcher.close();
      wake?.();
    },
  };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
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
