/** Metrics that a handler writes into its log reach CloudWatch from log groups of the standard class only. */
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { CfnResource } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { cfnFunction } from '../facts/invoked-function';
import { referencesIn } from '../facts/stable-text';
import { warnLate } from '../problems/warnings';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html */
export function warnAboutLogClass(alarms: Construct, fn: lambda.IFunction): void {
  alarms.node.addValidation({
    validate: () => {
      const group = logGroupOf(fn);
      if (group?.logGroupClass === logs.LogGroupClass.INFREQUENT_ACCESS) {
        warnLate(
          alarms,
          'MetricsLogClass',
          `handlerMetrics are embedded in the log, and CloudWatch takes none from the log group ${group.node.path} of class INFREQUENT_ACCESS, ` +
            'so these alarms never go off; give the function a log group of class STANDARD, or remove handlerMetrics',
        );
      }
      return [];
    },
  });
}

/** Read from the resource: asking `lambda.Function` for its log group may define one. */
function logGroupOf(fn: lambda.IFunction): logs.CfnLogGroup | undefined {
  const config = cfnFunction(fn)?.loggingConfig as lambda.CfnFunction.LoggingConfigProperty | undefined;
  const group = referencesIn(config?.logGroup ?? '')[0]?.target;
  return CfnResource.isCfnResource(group) && group.cfnResourceType === 'AWS::Logs::LogGroup'
    ? (group as logs.CfnLogGroup)
    : undefined;
}
