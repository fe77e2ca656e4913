/** Says where the stream handler's own metrics are found: the namespace and dimensions it was given in the function's code. */

/**
 * Where a function's stream metrics are.
 *
 * A handler with the option `metrics: streamMetrics({ namespace })` of `cdk-lambda-streaming/handler` writes there for each
 * stream: TimeToFirstByte and Duration in milliseconds, Bytes, Chunks, and Failures (1 where it did not end well).
 * Give the same namespace and dimensions here.
 */
export interface StreamMetricsSource {
  /** The CloudWatch namespace that the handler writes to. */
  readonly namespace: string;

  /**
   * The dimensions that the handler writes, each a name with its value.
   *
   * @default - none, as in the handler
   */
  readonly dimensions?: { [name: string]: string };
}
