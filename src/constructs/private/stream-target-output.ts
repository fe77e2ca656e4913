/** Writes the record by which the invoker finds a deployed function into an output of its stack. */
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnOutput, Lazy, Stack } from 'aws-cdk-lib/core';
import { STREAM_TARGET_OUTPUT_ID, type StreamTargetRecord } from '../../wire/stream-target';

/** Defines the output under `fn`, once; `url` is asked for at synth, as the URL may be added later. */
export function exportStreamTarget(fn: lambda.IFunction, url: () => string | undefined): CfnOutput {
  const existing = fn.node.tryFindChild(STREAM_TARGET_OUTPUT_ID);
  if (existing) return existing as CfnOutput;
  const stack = Stack.of(fn);
  return new CfnOutput(fn, STREAM_TARGET_OUTPUT_ID, {
    description: `What a stream invoker calls to reach ${fn.node.path}`,
    value: Lazy.string({
      produce: () => {
        const record: StreamTargetRecord = {
          streamTarget: 1,
          functionArn: fn.functionArn,
          region: stack.region,
          url: url(),
        };
        return stack.toJsonString(record);
      },
    }),
  });
}
