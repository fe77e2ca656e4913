/** The SDK's handler over `fetch`, whose bodies are web streams: chosen on other runtimes, and by callers with a proxy of fetch. */
import { FetchHttpHandler } from '@smithy/fetch-http-handler';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { type InvokedStream, type StreamInvokerOptions, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { invokeComplete, payloadChunk, readToEnd } from './read-stream';
import { endless, stream, until, useWireServer } from './wire-server';

const text = streamContract({ format: 'text' });

const wire = useWireServer();

const open = async (options: Partial<StreamInvokerOptions> = {}) => {
  const client = wire.client({ requestHandler: new FetchHttpHandler() });
  return (await streamInvoker(text, { functionName: 'f', client, ...options } as StreamInvokerOptions).invoke(
    {},
  )) as InvokedStream;
};

test('a stream is read to its end', async () => {
  wire.answer(
    stream([payloadChunk('hello '), payloadChunk('w\u00f6rld'.repeat(5_000)), invokeComplete()], { size: 1_000 }),
  );
  const { chunks, error } = await readToEnd(await open());
  expect(error).toBeUndefined();
  expect(chunks.join('')).toBe(`hello ${'w\u00f6rld'.repeat(5_000)}`);
});

test.each([
  ['cut off', stream([payloadChunk('a')]), { code: 'TRUNCATED', where: 'boundary' }],
  ['broken', stream([payloadChunk('a')], { ending: 'reset' }), { code: 'TRANSPORT', invoked: 'yes' }],
  ['silent', stream([payloadChunk('a')], { ending: 'hang' }), { code: 'TIMEOUT', kind: 'idle' }],
])('a stream that is %s says so, after one request', async (_, answer, expected) => {
  wire.answer(answer);
  const { chunks, error } = await readToEnd(await open({ timeouts: { idleMs: 300, headersMs: 60_000 } }));
  expect(chunks).toEqual(['a']);
  expect(error).toMatchObject(expected);
  expect(wire.requests).toHaveLength(1);
  await until(() => wire.open.size === 0);
});

test('leaving the stream closes its connection', async () => {
  wire.answer(endless(payloadChunk('x'.repeat(1_000))));
  for await (const chunk of await open()) if (chunk !== '') break;
  await until(() => wire.dropped === 1);
});
