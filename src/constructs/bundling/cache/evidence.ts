/**
 * Everything outside the options that a bundle depends on: what was read, and what would be read instead if it appeared.
 *
 * Collected from what esbuild reports it read. It errs on the side of too much, which costs a rebuild; too little would
 * be a stale bundle.
 */
import * as path from 'node:path';
import type { Metafile } from 'esbuild';
import type { BuildSettings } from '../build/build-settings';
import { type Place, settingsPlaces } from './evidence-places';
import { EVIDENCE_KINDS, type EvidenceKind, type Facts } from './facts';
import { ImportPlaces } from './import-places';

/** Facts by path, relative to the project root. */
export type Evidence = Readonly<Record<EvidenceKind, Readonly<Record<string, string>>>>;

/** True when every fact is still what it was. */
export function holds(evidence: Evidence, settings: BuildSettings, facts: Facts): boolean {
  return EVIDENCE_KINDS.every((kind) => {
    const read = facts.reader(kind, settings);
    return Object.entries(evidence[kind]).every(([name, fact]) => read(name) === fact);
  });
}

/** Collects the evidence for the bundles of one round of builds. */
export class EvidenceCollector {
  /** Nothing that has changed since can be relied on: esbuild may have seen it before or after. */
  private readonly sinceMs = Date.now();
  private readonly imports = new ImportPlaces();
  private readonly names = new Map<string, string>();

  /** To be made after `beginPass()` and before any fact is read. */
  public constructor(private readonly facts: Facts) {}

  /** Reads what is known to matter before a build, so that its removal meanwhile is noticed. */
  public readBefore(settings: BuildSettings): void {
    for (const [kind, place] of this.beforehand(settings)) this.facts.get(kind, place, settings);
  }

  /** Evidence for a bundle just built, or `undefined` when it cannot be known what the bundle depends on. */
  public collect(settings: BuildSettings, metafile: Metafile): Evidence | undefined {
    const places = [...this.beforehand(settings)];
    for (const [input, { imports }] of Object.entries(metafile.inputs)) {
      // A definition substituted by esbuild, or a file written as an import: neither is anywhere else.
      if (/^<(define|data):/.test(input)) continue;
      const found = this.imports.ofInput(path.resolve(settings.project.root, input), imports, settings);
      if (found === undefined) return undefined;
      places.push(...found);
    }
    const evidence = this.read(settings, places);
    // Asked last, so that a change while the facts were read is noticed too.
    const settled = places.every(([kind, place]) => this.facts.isSettled(kind, place, settings, this.sinceMs));
    return settled ? evidence : undefined;
  }

  private beforehand(settings: BuildSettings): Place[] {
    return [...settingsPlaces(settings), ...this.imports.ofOptions(settings)];
  }

  private read(settings: BuildSettings, places: readonly Place[]): Evidence {
    const evidence: Record<EvidenceKind, Record<string, string>> = {
      content: {},
      real: {},
      listing: {},
      names: {},
      modules: {},
      directory: {},
    };
    for (const [kind, place] of places) {
      evidence[kind][this.nameOf(place, settings.project.root)] ??= this.facts.get(kind, place, settings);
    }
    return evidence;
  }

  private nameOf(place: string, root: string): string {
    const key = `${root}\n${place}`;
    const name = this.names.get(key) ?? path.relative(root, place).split(path.sep).join('/');
    this.names.set(key, name);
    return name;
  }
}
