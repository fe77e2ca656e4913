import { InvokeWithResponseStreamCommand } from '@aws-sdk/client-lambda';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { isStreamError, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { z } from 'zod';
import { encodeInvokeComplete, encodePayloadChunk } from '../../src/wire/frame-encoder';
import { rejection } from './read-stream';
import { endless, stream, until, useWireServer } from './wire-server';

const payload = (text: string) => encodePayloadChunk(new TextEncoder().encode(text));
const complete = encodeInvokeComplete();

const chat = streamContract({
  format: 'ndjson',
  input: z.object({ prompt: z.string() }),
  chunk: z.object({ token: z.string() }),
  final: z.object({ tokens: z.number() }),
});
const wholeChat = [
  payload('{"token":"hel'),
  payload('lo"}\n{"token":"!"}\n'),
  payload('{"$stream":{"end":{"final":{"tokens":2},"chunks":2}}}\n'),
  complete,
];

const wire = useWireServer();

test('a stream gives typed chunks, then the final value, ids and metrics', async () => {
  wire.answer(stream(wholeChat));
  const invoker = streamInvoker(chat, { functionName: 'chat', qualifier: 'live', clientConfig: wire.clientConfig });
  const response = await invoker.invoke({ prompt: 'hello' });
  const tokens: string[] = [];
  for await (const { token } of response) tokens.push(token);
  const result = await response.result;
  expect(tokens).toEqual(['hello', '!']);
  expect(result).toMatchObject({ final: { tokens: 2 }, executedVersion: '7', metrics: { chunks: 2, attempts: 1 } });
  expect(wire.requests).toHaveLength(1);
  expect(wire.requests[0]).toMatchObject({
    url: '/2021-11-15/functions/chat/response-streaming-invocations?Qualifier=live',
    body: '{"prompt":"hello"}',
  });
  invoker.close();
});

test('a stream without its end marker is an error, whatever the platform says', async () => {
  wire.answer(stream([payload('{"token":"hello"}\n'), complete]));
  const invoker = streamInvoker(chat, { functionName: 'chat', client: wire.client() });
  const response = await invoker.invoke({ prompt: 'hello' });
  const seen: string[] = [];
  const error = await (async () => {
    for await (const { token } of response) seen.push(token);
  })().catch((caught: unknown) => caught);
  expect(seen).toEqual(['hello']);
  expect(isStreamError(error, 'TRUNCATED')).toBe(true);
  expect(error).toMatchObject({ where: 'marker', invoked: 'yes', chunks: 1 });
});

test('close() leaves a stream alone that is open, then closes its connection', async () => {
  const answer = endless(payload('{"token":"x"}\n'));
  wire.answer(answer);
  const others = wire.connections;
  const invoker = streamInvoker(chat, { functionName: 'chat', clientConfig: wire.clientConfig });
  const response = await invoker.invoke({ prompt: 'hello' });
  let seen = 0;
  for await (const _ of response) {
    if (++seen === 1) invoker.close();
    if (seen === 100_000) break;
  }
  expect(seen).toBe(100_000);
  await until(() => wire.connections <= others);
});

test('close() leaves a call alone that waits for its region or schema, then closes its connection', async () => {
  wire.answer(stream(wholeChat));
  const others = wire.connections;
  let answer: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const late = streamContract({
    ...chat,
    input: z.object({ prompt: z.string() }).refine(() => asked.then(() => true)),
  });
  const invoker = streamInvoker(late, { functionName: 'chat', clientConfig: wire.clientConfig });
  const calling = invoker.invoke({ prompt: 'hello' });
  invoker.close();
  answer();
  expect((await (await calling).collect()).chunks).toHaveLength(2);
  await until(() => wire.connections <= others);
});

test.each([
  ['its own client', () => ({ clientConfig: wire.clientConfig })],
  ["the caller's client", () => ({ client: wire.client() })],
])('a call after close() of an invoker with %s is an error that says so, and nothing is sent', async (_, with_) => {
  wire.answer(stream(wholeChat));
  const ends: unknown[] = [];
  const hooks = { onEnd: ({ error }: { error?: unknown }) => void ends.push(error) };
  const invoker = streamInvoker(chat, { functionName: 'chat', hooks, ...with_() });
  await (await invoker.invoke({ prompt: 'hello' })).collect();
  invoker.close();
  invoker.close();
  const error = await rejection(invoker.invoke({ prompt: 'hello' }));
  expect(error).toMatchObject({ code: 'CONFIG_INVALID', phase: 'input', invoked: 'no', retryable: false });
  expect(String(error)).toContain('invoke() was called after close()');
  expect(String(await rejection(invoker.dryRun()))).toContain('dryRun() was called after close()');
  expect(wire.requests).toHaveLength(1);
  expect(ends).toEqual([undefined, error, expect.objectContaining({ code: 'CONFIG_INVALID' })]);
});

test("the caller's client is not changed, and works for others as before", async () => {
  wire.answer(stream(wholeChat));
  const client = wire.client();
  const { requestHandler, retryStrategy, maxAttempts, credentials, endpoint } = client.config;
  const before = client.middlewareStack.identify();
  const invoker = streamInvoker(chat, { functionName: 'chat', client });
  await (await invoker.invoke({ prompt: 'hello' })).collect();
  invoker.close();
  expect(client.middlewareStack.identify()).toEqual(before);
  expect(client.config.requestHandler).toBe(requestHandler);
  expect(client.config).toMatchObject({ retryStrategy, maxAttempts, credentials, endpoint });
  const { EventStream = [] } = await client.send(new InvokeWithResponseStreamCommand({ FunctionName: 'chat' }));
  const kinds: string[] = [];
  for await (const event of EventStream) kinds.push(...Object.keys(event));
  expect(kinds).toEqual(['PayloadChunk', 'PayloadChunk', 'PayloadChunk', 'InvokeComplete']);
});
