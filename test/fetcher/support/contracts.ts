/** The contracts of the fetcher's tests, one per format, and bytes that keep them. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import { z } from 'zod';

export const chat = streamContract({
  format: 'ndjson',
  input: z.object({ prompt: z.string() }),
  chunk: z.object({ token: z.string() }),
  final: z.object({ tokens: z.number() }),
  error: z.object({ quota: z.number() }),
});

export const events = streamContract({ format: 'sse', final: z.object({ events: z.number() }) });
export const prose = streamContract({ format: 'text' });
export const file = streamContract({ format: 'bytes' });

export const NDJSON = { 'content-type': 'application/x-ndjson', 'x-amzn-requestid': 'request-1' };

export function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

export const END = line({ $stream: { end: { final: { tokens: 2 }, chunks: 2 } } });
