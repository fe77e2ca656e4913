import { streamContract } from 'cdk-lambda-streaming/contract';
import { z } from 'zod';

/** A prompt in, its words out, and their number at the end. */
export const chat = streamContract({
  format: 'ndjson',
  input: z.object({
    prompt: z.string(),
    /** Silence after each word, in milliseconds. */
    pauseMs: z.number().int().nonnegative().max(60_000).default(20),
  }),
  chunk: z.object({ token: z.string() }),
  final: z.object({ tokens: z.number().int() }),
});
