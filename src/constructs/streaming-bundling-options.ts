/** Options of bundling: those of `NodejsFunction`, and what building late and from a cache adds. */
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
  readonly runtime?: lambda.Runtime | undefined;

  /**
   * Directory that paths in the bundle and relative options are relative to.
   *
   * @default - the directory of the nearest lock file above the entry, else of the nearest `package.json`
   */
  readonly projectRoot?: string | undefined;

  /**
   * Path to the lock file (`package-lock.json`, `pnpm-lock.yaml`, `yarn.lock`, `bun.lock` or `bun.lockb`).
   *
   * @default - the nearest one above the entry
   */
  readonly depsLockFilePath?: string | undefined;

  /**
   * Conditions for the `exports` of packages, beyond those esbuild applies for Node.js.
   *
   * @see https://esbuild.github.io/api/#conditions
   * @default - esbuild's own
   */
  readonly conditions?: string[] | undefined;

  /**
   * Define `require` in an ES module bundle that contains CommonJS code calling it, which would fail at load otherwise.
   *
   * Nothing is added to bundles that do not need it, or whose `banner` calls `createRequire` already.
   *
   * @default true
   */
  readonly requireBanner?: boolean | undefined;

  /**
   * Bundle when the function is created, so that the asset hash is known at once.
   *
   * Such an entry is built by itself, which costs more than waiting for the others.
   *
   * @default false
   */
  readonly eager?: boolean | undefined;

  /**
   * Reuse the bundle of an earlier synth when nothing it was built from has changed.
   *
   * Kept in `node_modules/.cache/cdk-lambda-streaming`; the environment variable `CDK_LAMBDA_STREAMING_CACHE` names
   * another directory, or switches the cache off with `0`. Bundles with command hooks, installed modules or Docker are
   * never reused.
   *
   * @default true
   */
  readonly cache?: boolean | undefined;

  /**
   * Warn at synth when the bundle's JavaScript is larger than this.
   *
   * The warning `cdk-lambda-streaming:BundleOverBudget` names the largest packages. Lambda's own limit is 250 MB
   * unzipped: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
   *
   * @default - no warning
   */
  readonly sizeBudget?: Size | undefined;
}
