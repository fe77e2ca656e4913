/** What the functions of the chain agree on. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import * as z from 'zod/mini';

export const model = streamContract({
  format: 'ndjson',
  input: z.object({ prompt: z.string() }),
  chunk: z.object({ token: z.string() }),
  final: z.object({ tokens: z.number() }),
});

export const gateway = streamContract({
  format: 'ndjson',
  input: z.object({ prompt: z.string(), user: z.string() }),
  chunk: z.object({ for: z.string(), token: z.string() }),
  final: z.object({ tokens: z.number() }),
});
