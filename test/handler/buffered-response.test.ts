/** What a handler returns where nothing gave it a response stream, as in a user's unit test. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamHandler } from 'cdk-lambda-streaming/handler';
import { echo } from './echo';
import { lambdaContext } from './official-runtime';

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
