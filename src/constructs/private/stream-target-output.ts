/** Writes the record by which the invoker finds a deployed function into an output of its stack. */
import type { CfnUrl, IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnOutput, Lazy, Stack } from 'aws-cdk-lib/core';
import { STREAM_TARGET_OUTPUT_ID, type StreamTargetRecord } from '../../wire/stream-target';
import { functionUrls } from './grants/function-urls';
import { grantTarget } from './grants/grant-target';

/** Defines the output under `fn`, once. */
export function exportStreamTarget(fn: IFunction): CfnOutput {
  const existing = fn.node.tryFindChild(STREAM_TARGET_OUTPUT_ID);
  if (existing) return existing as CfnOutput;
  const target = grantTarget(fn);
  return new CfnOutput(target.scope, STREAM_TARGET_OUTPUT_ID, {
    description: `What a stream invoker calls to reach ${fn.node.path}`,
    value: Lazy.string({
      produce: () => {
        const record: StreamTargetRecord = {
          streamTarget: 1,
          functionArn: target.arn,
          region: target.stack.region,
          url: streamUrl(functionUrls(target), target.stack)?.attrFunctionUrl,
        };
        return target.stack.toJsonString(record);
      },
    }),
  });
}

/** Looked for at synth, as the URL may be defined after the output; one of another stack would tie the stacks together. */
function streamUrl(urls: readonly CfnUrl[], stack: Stack): CfnUrl | undefined {
  return urls.find((url) => Stack.of(url) === stack && url.invokeMode === 'RESPONSE_STREAM');
}
