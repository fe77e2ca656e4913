/** The handler's own bytes, read by the invoker over the real wire: both ends of a contract agree. */
import { type StreamContract, streamContract } from 'cdk-lambda-streaming/contract';
import { streamHandler } from 'cdk-lambda-streaming/handler';
import { z } from 'zod';
import { type RunOptions, runOnOfficialRuntime } from '../handler/official-runtime';
import { call, invokeComplete, payloadChunk } from '../invoker/read-stream';
import { stream, useWireServer } from '../invoker/wire-server';

const chat = streamContract({
  format: 'ndjson',
  version: '1',
  input: z.object({ prompt: z.string(), repeat: z.coerce.number().default(1) }),
  chunk: z.object({ token: z.string(), at: z.iso.datetime().transform((text) => new Date(text)) }),
  final: z.object({ tokens: z.number().transform((count) => `${count} tokens`) }),
  error: z.object({ left: z.coerce.number() }),
});

const at = '2026-11-22T12:00:00Z';
const handler = streamHandler(chat, async function* ({ prompt, repeat }, ctx) {
  if (prompt === 'too much') throw ctx.error('QuotaExceeded', 'no tokens left', { data: { left: 0 }, retryable: true });
  for (let i = 0; i < repeat; i++) yield { token: prompt, at };
  if (prompt === 'crash') throw new TypeError('boom');
  return { tokens: repeat };
});

const wire = useWireServer();

/** What the invoker makes of what the handler wrote on the official runtime. */
async function roundTrip(contract: StreamContract, run: RunOptions, what: unknown = handler) {
  const { body, contentType = '' } = await runOnOfficialRuntime(what, run);
  const half = Math.floor(body.length / 2);
  const frames = [payloadChunk(body.subarray(0, half)), payloadChunk(body.subarray(half)), invokeComplete()];
  wire.answer(stream(frames, { headers: { 'x-amzn-remapped-content-type': contentType } }));
  // The input went to the handler above: this end is not to check the empty one it sends.
  return call(wire, { ...contract, input: undefined });
}

test('chunks and final value arrive, each end with its own types', async () => {
  const { chunks, result } = await roundTrip(chat, { event: { prompt: 'ä🙂', repeat: '2' } });
  expect(chunks).toEqual([
    { token: 'ä🙂', at: new Date(at) },
    { token: 'ä🙂', at: new Date(at) },
  ]);
  expect(result?.final).toEqual({ tokens: '2 tokens' });
});

test('an invalid input says where', async () => {
  const { error } = await roundTrip(chat, { event: { prompt: 7 } });
  expect(error).toMatchObject({
    code: 'REMOTE',
    errorType: 'InvalidInput',
    issues: [{ path: ['prompt'], message: expect.any(String) }],
  });
});

test('an application error keeps its data, a crash its type, both after the chunks before them', async () => {
  const refused = await roundTrip(chat, { event: { prompt: 'too much' } });
  expect(refused.error).toMatchObject({
    code: 'REMOTE',
    errorType: 'QuotaExceeded',
    data: { left: 0 },
    retryable: true,
  });
  const crashed = await roundTrip(chat, { event: { prompt: 'crash' } });
  expect(crashed.chunks).toHaveLength(1);
  expect(crashed.error).toMatchObject({ code: 'REMOTE', errorType: 'TypeError', errorMessage: 'boom' });
});

test('another version is refused before a chunk is given', async () => {
  const { chunks, error } = await roundTrip({ ...chat, version: '2' }, { event: { prompt: 'a' } });
  expect(chunks).toEqual([]);
  expect(error).toMatchObject({ message: expect.stringContaining("version '1'") });
});

test('asynchronous schemas of chunk, final value and error data are waited for', async () => {
  const slowly = <Output>(give: (value: string) => Output) => z.string().transform(async (value) => give(value));
  const contract = streamContract({
    format: 'ndjson',
    input: slowly((value) => value === 'fail'),
    chunk: slowly(Number),
    final: slowly((value) => [value]),
    error: slowly((value) => ({ value })),
  });
  const asynchronous = streamHandler(contract, async function* (fails, ctx) {
    yield '1';
    if (fails) throw ctx.error('E', 'm', { data: 'why' });
    yield '2';
    return 'final';
  });
  const { chunks, result } = await roundTrip(contract, { event: '' }, asynchronous);
  expect(chunks).toEqual([1, 2]);
  expect(result?.final).toEqual(['final']);
  const failed = await roundTrip(contract, { event: 'fail' }, asynchronous);
  expect(failed.chunks).toEqual([1]);
  expect(failed.error).toMatchObject({ code: 'REMOTE', errorType: 'E', data: { value: 'why' } });
});

test('a prelude and server-sent events arrive apart', async () => {
  const events = streamContract({ format: 'sse', http: { statusCode: 202, headers: { 'X-A': 'b' } } });
  const ticking = streamHandler(events, async function* () {
    yield { data: 'one\ntwo', event: 'tick', id: '1' };
  });
  const { chunks, result } = await roundTrip(events, {}, ticking);
  expect(chunks).toEqual([{ data: 'one\ntwo', event: 'tick', id: '1' }]);
  expect(result).toBeDefined();
});

test('text and bytes arrive as they were', async () => {
  const text = streamContract({ format: 'text' });
  const said = streamHandler(text, async function* () {
    yield 'zwölf \ud83d';
    yield '\ude42';
  });
  expect((await roundTrip(text, {}, said)).chunks.join('')).toBe('zwölf 🙂');
  const bytes = streamContract({ format: 'bytes' });
  const sent = streamHandler(bytes, async function* () {
    yield Uint8Array.of(0, 255, 10);
  });
  expect(Buffer.concat((await roundTrip(bytes, {}, sent)).chunks as Uint8Array[])).toEqual(Buffer.of(0, 255, 10));
});
