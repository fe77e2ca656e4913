/** What a function or layer asks of the bundler, and what becomes of it. */
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
}

/** What has become of a request: a state has what the one before it lacks, and a request never goes back. */
export type BundleState = WaitingEntry | PreparedEntry | LocatedBundle;

/** Nothing is decided yet: the resource may tell for which runtime to build, and it may not exist yet. */
interface WaitingEntry {
  readonly is: 'waiting';
  /** The resource the code is for, once it exists. */
  readonly resource: CfnResource | undefined;
}

/** What to build is decided. */
interface PreparedEntry {
  readonly is: 'prepared';
  readonly settings: BuildSettings;
}

/** The asset is in the cloud assembly. */
export interface LocatedBundle {
  readonly is: 'located';
  readonly asset: StagedAsset;
  /** What is in the asset; nothing for the placeholder of a stack that the CLI did not ask for. */
  readonly contents: BundleContents | undefined;
}

/** A bundle that a located request has. */
export interface BundleContents {
  readonly settings: BuildSettings;
  /** Names that the bundle exports, as far as they are known. */
  readonly exports: readonly string[] | undefined;
}
