/** Forwards what another function streams, chunk by chunk, and its errors. */
import { streamHandler } from 'cdk-lambda-streaming/handler';
import { isStreamError, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { gateway, model } from './contracts';

const invoker = streamInvoker(model, { functionName: process.env['MODEL_ARN'] ?? '' });

export const handler = streamHandler(gateway, async function* ({ prompt, user }, context) {
  try {
    const stream = await invoker.invoke({ prompt }, { signal: context.signal });
    for await (const { token } of stream) yield { for: user, token };
    return (await stream.result).final;
  } catch (error) {
    if (!isStreamError(error, 'REMOTE')) throw error;
    throw context.error(error.errorType, error.errorMessage, { data: error.data });
  }
});
