/** One place to ask for facts of every kind, for all projects of an app. */
import type { BuildSettings } from './build-settings';
import { DirectoryFacts } from './directory-facts';
import { type FactKind, FileFacts } from './file-facts';

/** Facts about files, and sums of facts about directories. */
export class Facts {
  private readonly files = new FileFacts();
  private readonly bySettings = new WeakMap<BuildSettings, DirectoryFacts>();
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
    return kind === 'directory'
      ? this.directoriesFor(settings).isSettled(place, timeMs)
      : this.files.isSettled(kind, place, timeMs);
  }

  private directoriesFor(settings: BuildSettings): DirectoryFacts {
    const known = this.bySettings.get(settings);
    if (known) return known;
    const context = { root: settings.project.root, mainFields: settings.esbuild.mainFields ?? [] };
    const key = JSON.stringify(context);
    const directories = this.directories.get(key) ?? new DirectoryFacts(this.files, context);
    this.directories.set(key, directories);
    this.bySettings.set(settings, directories);
    return directories;
  }
}
