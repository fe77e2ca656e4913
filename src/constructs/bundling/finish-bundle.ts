/** Takes stock of a bundle that was just built, and keeps it for the next synth. */
import { FileSystem } from 'aws-cdk-lib/core';
import type { StreamingBundlingOptions } from '../streaming-bundling-options';
import { assetFingerprint } from './assets/asset-fingerprint';
import { exportsOf } from './assets/bundle-exports';
import { readFiles } from './assets/bundle-files';
import { checkUnpackedSize } from './assets/unpacked-size';
import type { BuildSettings } from './build/build-settings';
import type { Bundle } from './build/bundle-pass';
import { hasSteps } from './build/custom-steps';
import { BundleCache, type BundleFacts } from './cache/bundle-cache';
import type { EvidenceCollector } from './cache/evidence';

/**
 * Hashes a bundle, and stores it unless that could be wrong one day.
 *
 * @throws BundlingError for a bundle that Lambda would not take
 */
export function finishBundle(
  settings: BuildSettings,
  options: StreamingBundlingOptions,
  bundle: Bundle,
  collector: EvidenceCollector,
): BundleFacts {
  const { bytes, packages, warnings } = bundle;
  checkUnpackedSize(bundle.dir);
  // Installed modules may be links, which the framework knows how to hash.
  if (hasSteps(options)) return { hash: FileSystem.fingerprint(bundle.dir), bytes, packages, warnings };
  const files = readFiles(bundle.dir);
  const exported = exportsOf(settings, bundle, files);
  const known = { hash: assetFingerprint(files), bytes, packages, warnings, exports: exported };
  const cache = options.cache === false ? undefined : BundleCache.of(settings);
  const evidence = cache && collector.collect(settings, bundle.metafile);
  if (cache && evidence) cache.store(settings, known, evidence, files);
  return known;
}
