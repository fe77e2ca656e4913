import { App, Stack } from 'aws-cdk-lib';
import { StreamingFunction } from 'cdk-lambda-streaming';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamHandler } from 'cdk-lambda-streaming/handler';
import { streamInvoker } from 'cdk-lambda-streaming/invoker';
import { startLocal } from 'cdk-lambda-streaming/local';
import { z } from 'zod';

const chat = streamContract({
  format: 'ndjson',
  input: z.object({ prompt: z.string() }),
  chunk: z.object({ token: z.string() }),
  final: z.object({ tokens: z.number() }),
});

export const handler = streamHandler(chat, async function* ({ prompt }) {
  yield { token: prompt };
  return { tokens: 1 };
});

// @ts-expect-error a chunk of another shape
export const wrong = streamHandler(chat, async function* () {
  yield { word: 'x' };
  return { tokens: 1 };
});

export async function use(): Promise<number> {
  new StreamingFunction(new Stack(new App(), 'S'), 'F', { entry: 'chat.ts' });
  const local = await startLocal();
  const invoker = streamInvoker(chat, { functionName: 'chat', qualifier: 'live' });
  // @ts-expect-error the prompt is a string
  await invoker.invoke({ prompt: 1 });
  const stream = await invoker.invoke({ prompt: 'hello' });
  for await (const { token } of stream) token.toUpperCase();
  const { final } = await stream.result;
  await local.stop();
  return final.tokens;
}
