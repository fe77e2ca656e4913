/** One place to ask for facts of every kind, for all projects of an app. */
import * as path from 'node:path';
import type { BuildSettings } from '../build/build-settings';
import { DirectoryFacts } from './directory-facts';
import { FACT_KINDS, FileFacts } from './file-facts';

export const EVIDENCE_KINDS = [...FACT_KINDS, 'directory'] as const;

/** What can be known about a place, or how a directory resolves imports. */
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

/** Facts about files, and sums of facts about directories. */
export class Facts {
  private readonly files = new FileFacts();
  private readonly bySettings = new WeakMap<BuildSettings, DirectoryFacts>();
  private readonly directories = new Map<string, DirectoryFacts>();
  /** Of this pass, by names relative to the project. */
  private readonly named = new Map<DirectoryFacts, Map<EvidenceKind, Map<string, string>>>();

  /** Until the next call no fact is read twice: call it whenever code that is not ours may have run. */
  public beginPass(): void {
    this.files.beginPass();
    this.named.clear();
    for (const directories of this.directories.values()) directories.beginPass();
  }

  /** Leaves the cloud assembly being written out of account. */
  public ignore(dir: string): void {
    this.files.ignore(dir);
  }

  public get(kind: EvidenceKind, place: string, settings: BuildSettings): string {
    return kind === 'directory' ? this.directoriesFor(settings).digest(place) : this.files[kind](place);
  }

  /** Facts of one kind, by names relative to the project: most are asked for by every bundle, so one look-up has to do. */
  public reader(kind: EvidenceKind, settings: BuildSettings): (name: string) => string {
    const kinds = found(this.named, this.directoriesFor(settings), () => new Map<EvidenceKind, Map<string, string>>());
    const known = found(kinds, kind, () => new Map<string, string>());
    return (name) => found(known, name, () => this.get(kind, path.resolve(settings.project.root, name), settings));
  }

  /** True when a fact that was asked for has not changed since `timeMs`. */
  public isSettled(kind: EvidenceKind, place: string, settings: BuildSettings, timeMs: number): boolean {
    return kind === 'directory'
      ? this.directoriesFor(settings).isSettled(place, timeMs)
      : this.files.isSettled(kind, place, timeMs);
  }

  private directoriesFor(settings: BuildSettings): DirectoryFacts {
    const known = this.bySettings.get(settings);
    if (known) return known;
    const { mainFields = [], resolveExtensions } = settings.esbuild;
    const context = { root: settings.project.root, mainFields, anyExtension: resolveExtensions !== undefined };
    const key = JSON.stringify(context);
    const directories = this.directories.get(key) ?? new DirectoryFacts(this.files, context);
    this.directories.set(key, directories);
    this.bySettings.set(settings, directories);
    return directories;
  }
}

function found<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const value = known.get(key);
  if (value !== undefined) return value;
  const made = make();
  known.set(key, made);
  return made;
}
