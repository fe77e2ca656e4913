/** A contract, and a handler that gives the words of its prompt back: what most tests of a handler run. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamHandler } from 'cdk-lambda-streaming/handler';
import * as z from 'zod';

export const chat = streamContract({
  format: 'ndjson',
  input: z.object({ prompt: z.string(), limit: z.coerce.number().default(2) }),
  chunk: z.object({ token: z.string() }),
  final: z.object({ tokens: z.number() }),
  error: z.object({ quota: z.number() }),
});

export const echo = streamHandler(chat, async function* ({ prompt, limit }) {
  const tokens = prompt.split(' ').slice(0, limit);
  for (const token of tokens) yield { token };
  return { tokens: tokens.length };
});
