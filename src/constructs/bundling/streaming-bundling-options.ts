import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as nodejs from 'aws-cdk-lib/aws-lambda-nodejs';
import type { Size } from 'aws-cdk-lib/core';

/**
 * How an entry file becomes a bundle: every option of `NodejsFunction`, plus those below.
 *
 * The inherited options mean what they mean for `NodejsFunction`, and equal options give the same asset hash.
 */
export interface StreamingBundlingOptions extends nodejs.BundlingOptions {
  /**
   * The runtime to build for: it decides the syntax target and the modules Lambda already has.
   *
   * @default - the runtime of the function the code is given to
   */
  readonly runtime?: lambda.Runtime;

  /**
   * Directory that paths in the bundle and relative options are relative to.
   *
   * @default - the directory of the nearest lock file above the entry, else of the nearest `package.json`
   */
  readonly projectRoot?: string;

  /**
   * Path to the lock file (`package-lock.json`, `pnpm-lock.yaml`, `yarn.lock`, `bun.lock` or `bun.lockb`).
   *
   * @default - the nearest one above the entry
   */
  readonly depsLockFilePath?: string;

  /**
   * Build when the function is created, so that the asset hash is known at once.
   *
   * @default false
   */
  readonly eager?: boolean;

  /**
   * Reuse an earlier bundle when nothing it was built from has changed.
   *
   * @default true
   */
  readonly cache?: boolean;

  /**
   * Warn at synth when the bundle is larger than this.
   *
   * @default - no warning
   */
  readonly sizeBudget?: Size;
}
