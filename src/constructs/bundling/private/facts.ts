/** One place to ask for facts of every kind, for all projects of an app. */
import type { BuildSettings } from './build-settings';
import { DirectoryFacts } from './directory-facts';
import { type FactKind, FileFacts } from './file-facts';
import { ancestors } from './project-root';

/** Facts about files, and sums of facts about directories. */
export class Facts {
  private readonly files = new FileFacts();
  private readonly directories = new Map<string, DirectoryFacts>();

  /** Until the next call no fact is read twice: call it whenever code that is not ours may have run. */
  public beginPass(): void {
    this.files.beginPass();
    for (const directories of this.directories.values()) directories.beginPass();
  }

  /** Leaves the cloud assembly being written out of account. */
  public ignore(dir: string): void {
    this.files.ignore(dir);
  }

  public get(kind: FactKind | 'directory', place: string, settings: BuildSettings): string {
    return kind === 'directory' ? this.directoriesFor(settings).digest(place) : this.files[kind](place);
  }

  /** True when a fact that was asked for has not changed since `timeMs`. */
  public isSettled(kind: FactKind | 'directory', place: string, settings: BuildSettings, timeMs: number): boolean {
    if (kind !== 'directory') return this.files.isSettled(kind, place, timeMs);
    const directories = this.directoriesFor(settings);
    return ancestors(place).every((dir) => directories.isSettled(dir, timeMs));
  }

  private directoriesFor({ project, esbuild }: BuildSettings): DirectoryFacts {
    const context = { root: project.root, mainFields: esbuild.mainFields ?? [] };
    const key = JSON.stringify(context);
    const directories = this.directories.get(key) ?? new DirectoryFacts(this.files, context);
    this.directories.set(key, directories);
    return directories;
  }
}
