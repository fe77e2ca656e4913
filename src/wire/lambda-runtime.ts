/**
 * What the Lambda Node.js runtime gives a streaming handler, structurally; `@types/aws-lambda` fits it.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html
 */

/** The invocation's context object. */
export interface LambdaContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  /** What the caller sent as client context. */
  readonly clientContext?: object;
  readonly identity?: object;
  getRemainingTimeInMillis(): number;
}

/** The writable the runtime passes as second argument. */
export interface ResponseWriter {
  setContentType?(contentType: string): void;
  /** False where the writer has to wait; `flushed` is called once these bytes left the stream, or it failed. */
  write(bytes: Uint8Array, flushed: (error?: Error | null) => void): boolean;
  end(): unknown;
}

/** The runtime's global, under which a handler registers as streaming; undefined outside of Lambda. */
export interface AwsLambdaGlobal {
  readonly awslambda?: {
    streamifyResponse?<Handler extends object>(
      handler: Handler,
      options?: { readonly highWaterMark?: number },
    ): Handler;
  };
}
