import { streamContract } from 'cdk-lambda-streaming/contract';
import { z } from 'zod';

export const words = streamContract({
  format: 'ndjson',
  input: z.object({ words: z.array(z.string()) }),
  chunk: z.object({ word: z.string() }),
  final: z.object({ count: z.number() }),
});
