/** Lambda's own metrics of what callers invoke: with the alias as dimension, so that other aliases do not dilute them. */
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Duration } from 'aws-cdk-lib/core';
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
