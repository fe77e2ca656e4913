/** What a function or layer asks of the bundler, and the answer. */
import type { CfnResource } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { StreamingBundlingOptions } from '../streaming-bundling-options';
import type { StagedAsset } from './assets/asset-staging';
import type { BuildSettings } from './build/build-settings';

/** An entry that a construct wants bundled. */
export interface BundleRequest {
  readonly scope: Construct;
  /** Absolute path of the entry file. */
  readonly entry: string;
  readonly options: StreamingBundlingOptions;
  /** The resource the code is for, once it exists. */
  resource?: CfnResource;
  /** Decided once, when first needed. */
  settings?: BuildSettings;
  asset?: StagedAsset;
  /** Names the bundle exports, once and as far as that is known. */
  exports?: readonly string[] | undefined;
}
