/** What a handler returns where nothing gave it a response stream, as in a user's unit test. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamHandler } from 'cdk-lambda-streaming/handler';
import * as z from 'zod';
import { lambdaContext } from './official-runtime';

const chat = streamContract({
  format: 'ndjson',
  input: z.object({ prompt: z.string(), limit: z.coerce.number().default(2) }),
  chunk: z.object({ token: z.string() }),
  final: z.object({ tokens: z.number() }),
  error: z.object({ quota: z.number() }),
});

const echo = streamHandler(chat, async function* ({ prompt, limit }) {
  const tokens = prompt.split(' ').slice(0, limit);
  for (const token of tokens) yield { token };
  return { tokens: tokens.length };
});

test('returns the same bytes as a proxy response', async () => {
  await expect(echo({ prompt: 'a b' }, lambdaContext())).resolves.toEqual({
    statusCode: 200,
    headers: { 'content-type': 'application/x-ndjson' },
    body: '{"token":"a"}\n{"token":"b"}\n{"$stream":{"end":{"final":{"tokens":2},"chunks":2}}}\n',
    isBase64Encoded: false,
  });
  await expect(echo({ prompt: 'a' })).resolves.toMatchObject({ statusCode: 200 });
});

test('returns bytes as base64, with status and cookies', async () => {
  const handler = streamHandler(streamContract({ format: 'bytes' }), async function* (_, ctx) {
    ctx.http({ statusCode: 206, cookies: ['a=1'] });
    yield Uint8Array.of(0, 255);
  });
  await expect(handler({})).resolves.toEqual({
    statusCode: 206,
    headers: { 'content-type': 'application/octet-stream' },
    cookies: ['a=1'],
    body: 'AP8=',
    isBase64Encoded: true,
  });
});

test('rejects where the producer crashes', async () => {
  const handler = streamHandler(streamContract({ format: 'ndjson' }), async function* () {
    yield 1;
    throw new Error('crash');
  });
  await expect(handler({})).rejects.toThrow('crash');
});
