import { streamContract } from 'cdk-lambda-streaming/contract';
import { z } from 'zod';

export const ENDINGS = ['whole', 'refused', 'crashed'] as const;

/** What the page and the function agree on: a text is asked for and comes word by word. */
export const reading = streamContract({
  format: 'ndjson',
  input: z.object({
    wordsPerSecond: z.number().min(1).max(100).default(12),
    /** How the reading ends; the last two show what a caller sees of a failure in the middle. */
    ending: z.enum(ENDINGS).default('whole'),
  }),
  chunk: z.object({ word: z.string() }),
  final: z.object({ words: z.number().int() }),
  error: z.object({ wordsRead: z.number().int() }),
});
