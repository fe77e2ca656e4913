/**
 * One line in CloudWatch's embedded metric format per invocation: metrics without an API call.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */

import type { HandlerMeasurement } from './handler-options';

export interface EmbeddedMetricsOptions {
  /** CloudWatch namespace. */
  readonly namespace: string;
  /**
   * Dimensions of every metric, each a name with its value.
   * @default - none
   */
  readonly dimensions?: Readonly<Record<string, string>> | undefined;
}

/**
 * For the option `metrics` of a handler: writes TimeToFirstByte, Duration, Bytes, Chunks and Failures (0 or 1) as
 * metrics, and Outcome and requestId as properties of the same line. Imported apart, so that only its users ship it.
 */
export function embeddedMetrics(options: EmbeddedMetricsOptions): (measured: HandlerMeasurement) => void {
  const { namespace, dimensions = {} } = options;
  return ({ outcome, requestId, startedAt, firstByteAt = Number.NaN, endedAt, bytes, chunks }) => {
    const metrics = [
      { Name: 'TimeToFirstByte', Unit: 'Milliseconds', value: firstByteAt - startedAt },
      { Name: 'Duration', Unit: 'Milliseconds', value: endedAt - startedAt },
      { Name: 'Bytes', Unit: 'Bytes', value: bytes },
      { Name: 'Chunks', Unit: 'Count', value: chunks },
      { Name: 'Failures', Unit: 'Count', value: outcome === 'complete' ? 0 : 1 },
    ].filter(({ value }) => !Number.isNaN(value));
    const directive = {
      Namespace: namespace,
      Dimensions: [Object.keys(dimensions)],
      Metrics: metrics.map(({ Name, Unit }) => ({ Name, Unit })),
    };
    const line = {
      _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] },
      ...dimensions,
      ...Object.fromEntries(metrics.map(({ Name, value }) => [Name, value])),
      Outcome: outcome,
      requestId,
    };
    // Not console.log: with Lambda's JSON log format the runtime would wrap the line, and CloudWatch find no metrics.
    process.stdout.write(`${JSON.stringify(line)}\n`);
  };
}
