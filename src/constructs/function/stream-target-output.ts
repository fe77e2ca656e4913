/** Writes the record by which the invoker finds a deployed function into an output of its stack. */
import type { CfnUrl, IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnOutput, Lazy, Stack } from 'aws-cdk-lib/core';
import { STREAM_TARGET_OUTPUT_ID, type StreamTargetRecord } from '../../wire/stream-target';
import { functionUrls, urlsBelow } from '../grants/function-urls';
import { type GrantedFunction, grantedFunction } from '../grants/granted-function';

/** Defines the output under `fn`, once. */
export function exportStreamTarget(fn: IFunction): CfnOutput {
  const existing = fn.node.tryFindChild(STREAM_TARGET_OUTPUT_ID);
  if (existing) return existing as CfnOutput;
  const granted = grantedFunction(fn);
  return new CfnOutput(granted.scope, STREAM_TARGET_OUTPUT_ID, {
    description: `What a stream invoker calls to reach ${fn.node.path}`,
    value: Lazy.string({
      produce: () => {
        const record: StreamTargetRecord = {
          streamTarget: 1,
          functionArn: granted.arn,
          region: granted.stack.region,
          url: streamUrl(granted)?.attrFunctionUrl,
        };
        return granted.stack.toJsonString(record);
      },
    }),
  });
}

/** Looked for at synth, as the URL may be defined after the output; one of another stack would tie the stacks together. */
function streamUrl(granted: GrantedFunction): CfnUrl | undefined {
  const ofThisStack = urlsBelow(granted.stack).filter((url) => Stack.of(url) === granted.stack);
  return functionUrls(granted, ofThisStack).find((url) => url.invokeMode === 'RESPONSE_STREAM');
}
