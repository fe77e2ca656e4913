/** The metrics of streams: Lambda's own, of the alias that is invoked, and those the stream handler writes to its log. */
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Duration } from 'aws-cdk-lib/core';
import type { StreamMetricsSource } from '../streaming-metrics';
import type { DoorTarget } from './doors-target';

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html */
export function lambdaMetric(
  target: DoorTarget,
  metricName: string,
  statistic: string,
  period: Duration,
): cloudwatch.Metric {
  const { behind, qualifier } = target;
  return new cloudwatch.Metric({
    namespace: 'AWS/Lambda',
    metricName,
    statistic,
    period,
    dimensionsMap: {
      FunctionName: behind.functionName,
      ...(qualifier && { Resource: `${behind.functionName}:${qualifier}` }),
    },
  });
}

/** Names of what `streamMetrics()` of the handler writes. */
export type StreamMetricName = 'TimeToFirstByte' | 'Duration' | 'Bytes' | 'Chunks' | 'Failures';

export function streamMetric(
  source: StreamMetricsSource,
  metricName: StreamMetricName,
  statistic: string,
  period: Duration,
): cloudwatch.Metric {
  const { namespace, dimensions } = source;
  return new cloudwatch.Metric({ namespace, metricName, statistic, period, dimensionsMap: dimensions });
}
