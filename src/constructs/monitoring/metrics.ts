/** The metrics of streams: Lambda's own, of the alias that is invoked, and those the stream handler writes to its log. */
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Duration } from 'aws-cdk-lib/core';
import type { InvokedFunction } from '../facts/invoked-function';

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html */
export function lambdaMetric(
  callee: InvokedFunction,
  metricName: string,
  statistic: string,
  period: Duration,
): cloudwatch.Metric {
  const { behind, qualifier } = callee;
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

/** Where a handler writes: a namespace, and the dimensions it was given. */
interface MetricsSource {
  readonly namespace: string;
  readonly dimensions?: { [name: string]: string };
}

/** Names of what `embeddedMetrics()` of the handler writes. */
export type HandlerMetricName = 'TimeToFirstByte' | 'Duration' | 'Bytes' | 'Chunks' | 'Failures';

export function handlerMetric(
  source: MetricsSource,
  metricName: HandlerMetricName,
  statistic: string,
  period: Duration,
): cloudwatch.Metric {
  const { namespace, dimensions } = source;
  return new cloudwatch.Metric({ namespace, metricName, statistic, period, dimensionsMap: dimensions });
}
