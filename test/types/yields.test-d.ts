/**
 * Compiled, never run: chunks that are unions, enums and literals, and where the compiler reports a wrong one.
 * Holds with and without `strictNullChecks`, from TypeScript 5.4 on: test-slow/handler/typescript-versions.test.ts.
 */
import {
  type InferChunk,
  type InferFinal,
  type InferInput,
  streamContract,
  unchecked,
} from 'cdk-lambda-streaming/contract';
import { streamHandler, streamWriterHandler, type Yields } from 'cdk-lambda-streaming/handler';
import * as v from 'valibot';
import * as z from 'zod';

const chat = streamContract({
  format: 'ndjson',
  input: z.object({ prompt: z.string() }),
  chunk: z.discriminatedUnion('type', [
    z.object({ type: z.literal('token'), text: z.string() }),
    z.object({ type: z.literal('tool'), name: z.string(), args: z.array(z.enum(['a', 'b'])) }),
  ]),
  final: z.object({ why: z.enum(['stop', 'length']) }),
  error: z.object({ quota: z.number() }),
});
const states = streamContract({ format: 'sse', chunk: v.object({ state: v.picklist(['on', 'off']) }) });
const words = streamContract({ format: 'ndjson', chunk: z.enum(['yes', 'no']), final: z.literal('done') });
type Step = { readonly step: 'begin' } | { readonly step: 'end'; readonly code: 0 | 1 };
const typed = streamContract({ format: 'ndjson', input: unchecked<{ readonly at: 'x' }>(), chunk: unchecked<Step>() });

// the documented form: the generator says what it yields
streamHandler(chat, async function* ({ prompt }, ctx): Yields<typeof chat> {
  const { length } = prompt.trim();
  if (length > 9) return ctx.error('QuotaExceeded', 'spent', { data: { quota: 1 } });
  if (length > 8) throw ctx.error('QuotaExceeded', 'spent', { data: { quota: 1 } });
  yield { type: 'token', text: prompt };
  yield { type: 'tool', name: 'x', args: ['a'] };
  return { why: 'stop' };
});
streamHandler(states, async function* (_, ctx): Yields<typeof states> {
  if (ctx.signal.aborted) return ctx.error('Late', 'too late');
  yield { state: 'on' };
});
streamHandler(words, async function* (): Yields<typeof words> {
  yield 'yes';
  return 'done';
});
streamHandler(typed, async function* ({ at }): Yields<typeof typed> {
  at satisfies 'x';
  yield { step: 'begin' };
  yield { step: 'end', code: 0 };
});

// it may leave that out
streamHandler(chat, async function* () {
  yield { type: 'token', text: 'hi' };
  return { why: 'stop' };
});
streamHandler(chat, async function* ({ prompt }, ctx) {
  if (prompt.trim() === '') return ctx.error('Empty', 'say something', { data: { quota: 1 } });
  yield { type: 'token', text: prompt };
  yield { type: 'tool', name: 'x', args: ['b', 'a'] };
  return { why: 'length' };
});
streamHandler(states, async function* () {
  yield { state: 'off' };
});
streamHandler(words, async function* () {
  yield 'no';
  return 'done';
});
streamHandler(typed, async function* ({ at }) {
  at satisfies 'x';
  yield { step: 'end', code: 1 };
});
streamHandler(chat, ({ prompt }) => answer(prompt));
streamHandler(chat, async ({ prompt }) => answer(prompt));
async function* answer(prompt: string): Yields<typeof chat> {
  yield { type: 'token', text: prompt };
  return { why: 'stop' };
}
streamWriterHandler(chat, async (_, writer, ctx) => {
  await writer.write({ type: 'tool', name: 'x', args: ['a'] });
  if (writer.chunks > 9) return ctx.error('Long', 'too long');
  return { why: 'stop' };
});

// what a wrong chunk and a wrong final value say, and where
streamHandler(chat, async function* (): Yields<typeof chat> {
  // @ts-expect-error no such chunk
  yield { type: 'tokn', text: 'hi' };
  // @ts-expect-error a name of another chunk
  yield { type: 'token', name: 'hi' };
  // @ts-expect-error a wrong element
  yield { type: 'tool', name: 'x', args: ['a', 'c'] };
  // @ts-expect-error a wrong final value
  return { why: 'tired' };
});
streamHandler(words, async function* (): Yields<typeof words> {
  // @ts-expect-error no such chunk
  yield 'maybe';
  // @ts-expect-error error data only inside of an error
  return { quota: 1 };
});
streamHandler(typed, async function* (): Yields<typeof typed> {
  // @ts-expect-error no such code
  yield { step: 'end', code: 2 };
});
// @ts-expect-error no such chunk
streamHandler(chat, async function* () {
  yield { type: 'tokn', text: 'hi' };
  return { why: 'stop' };
});
// @ts-expect-error a wrong final value
streamHandler(chat, async function* () {
  yield { type: 'token', text: 'hi' };
  return { why: 'tired' };
});
streamHandler(chat, async function* (_, ctx): Yields<typeof chat> {
  // @ts-expect-error error data of another type
  if (ctx.signal.aborted) return ctx.error('QuotaExceeded', 'spent', { data: { quota: '1' } });
  yield { type: 'token', text: 'hi' };
  return { why: 'stop' };
});
// @ts-expect-error the contract comes first
streamHandler(answer, chat);
// @ts-expect-error no generator
streamHandler(chat);

// a contract with and without its parts, and options that are there but undefined
streamContract({ format: 'ndjson', input: undefined, chunk: undefined, final: undefined, version: undefined });
streamContract({ format: 'bytes', completion: undefined, http: { statusCode: undefined, headers: undefined } });
streamContract({ format: 'sse', completion: 'marker', final: z.string(), error: z.string(), version: '1' });
streamHandler(
  states,
  async function* () {
    yield { state: 'on' };
  },
  { deadlineMarginMs: undefined, metrics: undefined },
);
// @ts-expect-error text has no final value
streamContract({ format: 'text', final: z.string() });
// @ts-expect-error a final value travels in the end marker
streamContract({ format: 'ndjson', completion: 'platform', final: z.string() });

export function reads(chunk: InferChunk<typeof chat>, final: InferFinal<typeof chat>, input: InferInput<typeof typed>) {
  if (chunk.type === 'tool') chunk.args satisfies ('a' | 'b')[];
  // @ts-expect-error text is of the other kind
  if (chunk.type === 'tool') chunk.text;
  final.why satisfies 'stop' | 'length';
  // @ts-expect-error no such field
  final.because;
  // @ts-expect-error no such field
  input.on;
  input.at satisfies 'x';
}
