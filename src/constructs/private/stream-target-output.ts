/** Writes the record by which the invoker finds a deployed function into an output of its stack. */
import type { CfnUrl, IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnOutput, Lazy, Stack } from 'aws-cdk-lib/core';
import { STREAM_TARGET_OUTPUT_ID, type StreamTargetRecord } from '../../wire/stream-target';
import { functionUrls, urlsBelow } from './grants/function-urls';
import { type GrantTarget, grantTarget } from './grants/grant-target';

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
          url: streamUrl(target)?.attrFunctionUrl,
        };
        return target.stack.toJsonString(record);
      },
    }),
  });
}

/** Looked for at synth, as the URL may be defined after the output; one of another stack would tie the stacks together. */
function streamUrl(target: GrantTarget): CfnUrl | undefined {
  const ofThisStack = urlsBelow(target.stack).filter((url) => Stack.of(url) === target.stack);
  return functionUrls(target, ofThisStack).find((url) => url.invokeMode === 'RESPONSE_STREAM');
}
