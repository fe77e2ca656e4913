/** Source maps of bundles that were made without one: whoever knows how a bundle was made can make its map when it is needed. */
import { SourceMap, type SourceMapPayload } from 'node:module';

/** A file of a bundle. */
export interface BundleFile {
  /** The folder of the bundle in the cloud assembly. */
  readonly folder: string;
  /** Relative to the folder. */
  readonly file: string;
  /** What it has where it runs. */
  readonly code: string;
}

/** Gives the map of exactly this code, whose sources are absolute paths; undefined where it knows none. */
export type MapMaker = (bundle: BundleFile) => SourceMapPayload | undefined;

const makers = new Set<MapMaker>();

/** Gives what takes the offer back. */
export function offerMaps(maker: MapMaker): () => void {
  makers.add(maker);
  return () => makers.delete(maker);
}

export function bundleMap(bundle: BundleFile): SourceMap | undefined {
  for (const maker of makers) {
    const payload = maker(bundle);
    if (payload !== undefined) return new SourceMap(payload);
  }
  return undefined;
}
