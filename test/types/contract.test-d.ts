/** Compiled, never run: what the compiler must accept and refuse of a contract, by schema library. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import {
  type InferChunk,
  type InferErrorData,
  type InferFinal,
  type InferHandlerChunk,
  type InferHandlerFinal,
  type InferHandlerInput,
  type InferInput,
  type SseEvent,
  type StreamContract,
  streamContract,
} from 'cdk-lambda-streaming/contract';
import * as v from 'valibot';
import { z } from 'zod';

// arktype is ESM only, this file is compiled as CommonJS
declare const type: typeof import('arktype', { with: { 'resolution-mode': 'import' }}).type;

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._: Same<A, B> extends true ? [] : ['types differ', A, B]): void {
  // the work is the compiler's
}

// zod: both sides of a transform
const zodChat = streamContract({
  format: 'ndjson',
  input: z.object({ prompt: z.string(), limit: z.number().default(10) }),
  chunk: z.object({ at: z.string().transform((text) => new Date(text)) }),
  final: z.object({ tokens: z.number() }),
  error: z.object({ quota: z.number() }),
  version: '1',
});
same<InferInput<typeof zodChat>, { prompt: string; limit?: number | undefined }>();
same<InferHandlerInput<typeof zodChat>, { prompt: string; limit: number }>();
same<InferHandlerChunk<typeof zodChat>, { at: string }>();
same<InferChunk<typeof zodChat>, { at: Date }>();
same<InferFinal<typeof zodChat>, { tokens: number }>();
same<InferErrorData<typeof zodChat>, { quota: number }>();

// valibot
const valibotChat = streamContract({
  format: 'sse',
  input: v.object({ prompt: v.string() }),
  chunk: v.object({
    count: v.pipe(
      v.string(),
      v.transform((text) => Number(text)),
    ),
  }),
});
same<InferInput<typeof valibotChat>, { prompt: string }>();
same<InferHandlerChunk<typeof valibotChat>, { count: string }>();
same<InferChunk<typeof valibotChat>, { count: number }>();
same<InferHandlerFinal<typeof valibotChat>, void>();
same<InferFinal<typeof valibotChat>, undefined>();

// arktype
const arkChat = streamContract({ format: 'ndjson', chunk: type({ token: 'string' }), final: type('number') });
same<InferChunk<typeof arkChat>, { token: string }>();
same<InferHandlerFinal<typeof arkChat>, number>();
same<InferInput<typeof arkChat>, unknown>();

// any other Standard Schema
declare const spec: StandardSchemaV1<string, number>;
const specContract = streamContract({ format: 'ndjson', chunk: spec });
same<InferHandlerChunk<typeof specContract>, string>();
same<InferChunk<typeof specContract>, number>();

// without schemas
const bytes = streamContract({ format: 'bytes' });
same<InferChunk<typeof bytes>, Uint8Array>();
same<InferChunk<ReturnType<typeof textContract>>, string>();
function textContract() {
  return streamContract({ format: 'text', input: z.string() });
}
const events = streamContract({ format: 'sse', completion: 'platform' });
same<InferChunk<typeof events>, SseEvent>();
const lines = streamContract({ format: 'ndjson', completion: 'marker' });
same<InferChunk<typeof lines>, unknown>();
streamContract({ format: 'bytes', completion: 'platform', http: { statusCode: 201 } });

// every contract is a StreamContract
const all: StreamContract[] = [zodChat, valibotChat, arkChat, specContract, bytes, events, lines];
same<typeof all, StreamContract[]>();

// refused: what has no room on the wire
// @ts-expect-error bytes carry no schema of chunks
streamContract({ format: 'bytes', chunk: z.string() });
// @ts-expect-error text carries no final value
streamContract({ format: 'text', final: z.string() });
// @ts-expect-error text carries no error data
streamContract({ format: 'text', error: z.string() });
// @ts-expect-error bytes carry no marker
streamContract({ format: 'bytes', completion: 'marker' });
// @ts-expect-error text carries no version
streamContract({ format: 'text', version: '1' });
// @ts-expect-error text has no lines
streamContract({ format: 'text', maxLineBytes: 10 });
// @ts-expect-error a final value travels in the end marker
streamContract({ format: 'ndjson', completion: 'platform', final: z.string() });
// @ts-expect-error an error travels in the error marker
streamContract({ format: 'sse', completion: 'platform', error: z.string() });
// @ts-expect-error no such format
streamContract({ format: 'json' });
// @ts-expect-error no format
streamContract({});
// @ts-expect-error not a schema
streamContract({ format: 'ndjson', chunk: { token: 'string' } });
// @ts-expect-error no such option
streamContract({ format: 'ndjson', chunks: z.string() });
