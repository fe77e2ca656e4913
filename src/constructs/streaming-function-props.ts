/** What a streaming function is made of. */
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { StreamingAliasOptions } from './streaming-alias-options';
import type { StreamingBundlingOptions } from './streaming-bundling-options';
import type { WebAdapter } from './web-adapter';

/**
 * Properties of a streaming function.
 */
export interface StreamingFunctionProps extends lambda.FunctionOptions {
  /**
   * Path of the entry file (JavaScript or TypeScript), which is bundled by esbuild.
   *
   * A relative path is relative to the source file that defines the function.
   *
   * @default - `code` or `image` is given
   */
  readonly entry?: string;

  /**
   * How the entry file is bundled.
   *
   * @default - minimal bundle for the runtime of the function; the AWS SDK is left to the runtime
   */
  readonly bundling?: StreamingBundlingOptions;

  /**
   * Code that is ready to run.
   *
   * @default - `entry` or `image` is given
   */
  readonly code?: lambda.Code;

  /**
   * A container image. Its runtime interface client has to be able to stream.
   *
   * @default - `entry` or `code` is given
   */
  readonly image?: lambda.DockerImageCode;

  /**
   * The function within the code that Lambda calls; for an entry, the name of its export is enough.
   *
   * @default - 'index.handler'; 'run.sh' with a web adapter
   */
  readonly handler?: string;

  /**
   * The runtime. It must be able to stream.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
   * @default lambda.Runtime.NODEJS_24_X
   */
  readonly runtime?: lambda.Runtime;

  /**
   * The Lambda Web Adapter, by which a web server in any runtime streams.
   *
   * @default - no web adapter; the runtime itself streams
   */
  readonly webAdapter?: WebAdapter;

  /**
   * Options of the alias `live`.
   *
   * @default - on the version of the current deployment, without provisioned concurrency
   */
  readonly liveAliasOptions?: StreamingAliasOptions;
}
