/** Compiled, never run: what the compiler must accept and refuse of a handler. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import { embeddedMetrics, streamHandler, streamWriterHandler } from 'cdk-lambda-streaming/handler';
import { z } from 'zod';

const chat = streamContract({
  format: 'ndjson',
  input: z.object({ prompt: z.string(), limit: z.coerce.number().default(1) }),
  chunk: z.object({ at: z.string().transform((text) => new Date(text)) }),
  final: z.object({ tokens: z.number() }),
  error: z.object({ quota: z.number() }),
});
const plain = streamContract({ format: 'ndjson', chunk: z.number() });

// accepted
streamHandler(chat, async function* ({ prompt, limit }, ctx) {
  const length: number = prompt.length + limit;
  ctx.signal satisfies AbortSignal;
  if (length > 9) throw ctx.error('QuotaExceeded', 'spent', { data: { quota: 1 } });
  yield { at: '2026-01-01' };
  return { tokens: length };
});
streamHandler(plain, async function* () {
  yield 1;
});
streamHandler(streamContract({ format: 'bytes' }), async () => process.stdin);
streamHandler(plain, () => new ReadableStream<number>(), {
  deadlineMarginMs: 100,
  metrics: embeddedMetrics({ namespace: 'Chat' }),
});
streamWriterHandler(chat, async ({ prompt }, writer, ctx) => {
  await writer.write({ at: prompt });
  ctx.http({ statusCode: 200 });
  return { tokens: writer.chunks };
});
streamWriterHandler(plain, async (_, writer) => {
  await writer.write(1);
});

// refused
// @ts-expect-error a chunk of another type
streamHandler(plain, async function* () {
  yield 'text';
});
// @ts-expect-error the received side of a transformed chunk
streamHandler(chat, async function* () {
  yield { at: new Date() };
  return { tokens: 1 };
});
// @ts-expect-error a final value of another type
streamHandler(chat, async function* () {
  yield { at: '' };
  return { tokens: '1' };
});
// @ts-expect-error no final value
streamHandler(chat, async function* () {
  yield { at: '' };
});
// @ts-expect-error an iterable has no final value
streamHandler(chat, () => new ReadableStream<{ at: string }>());
// @ts-expect-error not asynchronous
streamHandler(plain, function* () {
  yield 1;
});
streamHandler(chat, async function* (input, ctx) {
  // @ts-expect-error no such field in the input
  input.question;
  // @ts-expect-error error data of another type
  if (input.limit > 1) throw ctx.error('E', 'm', { data: { quota: '1' } });
  yield { at: '' };
  return { tokens: 1 };
});
streamWriterHandler(plain, async (_, writer) => {
  // @ts-expect-error a chunk of another type
  await writer.write('text');
});
// @ts-expect-error no final value
streamWriterHandler(chat, async (_, writer) => {
  await writer.write({ at: '' });
});
// @ts-expect-error metrics need their namespace
embeddedMetrics({});
