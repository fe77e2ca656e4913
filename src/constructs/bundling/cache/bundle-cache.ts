/** Bundles kept between synths, each valid while everything it depends on is unchanged. The one door of this folder. */
import type { Metafile } from 'esbuild';
import type { BundleFile } from '../assets/bundle-files';
import type { BuildSettings } from '../build/build-settings';
import { type BundleFacts, BundleStore, type CacheEntry } from './bundle-store';
import { EvidenceCollector, holds } from './evidence';
import { Facts } from './facts';

export type { BundleFacts } from './bundle-store';

/** The bundles of all projects of one app. */
export class BundleCache {
  private readonly facts = new Facts();

  /** Leaves a cloud assembly that is being written out of account. */
  public ignore(dir: string): void {
    this.facts.ignore(dir);
  }

  /** Until the next call nothing is read twice: call it whenever code that is not ours may have run. */
  public beginPass(): void {
    this.facts.beginPass();
  }

  /** The bundle of these settings, if everything it depends on is as it was. */
  public find(settings: BuildSettings): CacheEntry | undefined {
    return BundleStore.of(settings)?.find(settings, (evidence) => holds(evidence, settings, this.facts));
  }

  /** Files of a bundle found before, or `undefined` when they are gone or damaged. */
  public read(settings: BuildSettings, hash: string): BundleFile[] | undefined {
    return BundleStore.of(settings)?.read(settings, hash);
  }

  /** To be asked for before builds whose bundles are to be kept: a change during a build is noticed. */
  public recorder(builds: readonly BuildSettings[]): BundleRecorder {
    const collector = new EvidenceCollector(this.facts);
    for (const settings of builds) collector.readBefore(settings);
    return new BundleRecorder(collector);
  }

  /** Keeps the cache of a project bounded; to be called after storing. */
  public trim(settings: BuildSettings): void {
    BundleStore.of(settings)?.trim();
  }
}

/** Keeps the bundles of one round of builds. */
export class BundleRecorder {
  public constructor(private readonly collector: EvidenceCollector) {}

  /** Keeps a bundle just built, unless it cannot be known what it depends on. */
  public store(settings: BuildSettings, metafile: Metafile, known: BundleFacts, files: readonly BundleFile[]): void {
    const store = BundleStore.of(settings);
    const evidence = store && this.collector.collect(settings, metafile);
    if (!store || !evidence) return;
    store.store(settings, { ...known, inputs: Object.keys(metafile.inputs), evidence }, files);
  }
}
