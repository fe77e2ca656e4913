/** That a span of a trace can be made of hooks alone: by the very example of docs/invoker.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { type StreamHooks, type StreamInvokerOptions, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { transformSync } from 'esbuild';
import { invokeComplete, payloadChunk, rejection } from './read-stream';
import { REQUEST_ID, serviceError, stream, useWireServer } from './wire-server';

const wire = useWireServer();

const text = streamContract({ format: 'text' });
const ok = stream([payloadChunk('ok'), invokeComplete()]);
const throttled = serviceError(429, 'TooManyRequestsException', { Message: 'wait' });

type Traced = (tracer: { startSpan(name: string): Span }) => Pick<StreamInvokerOptions, 'hooks' | 'traceparent'>;

function example(): Traced {
  const page = readFileSync(join(__dirname, '..', '..', 'docs', 'invoker.md'), 'utf8');
  const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
  const code = blocks.find((block) => block.includes('function traced')) ?? '';
  const made: { exports: { traced?: Traced } } = { exports: {} };
  new Function('module', transformSync(code, { loader: 'ts', format: 'cjs' }).code)(made);
  if (made.exports.traced === undefined) throw new Error('docs/invoker.md has no traced()');
  return made.exports.traced;
}

/** Writes down what a span is told. */
class Span {
  public readonly told: unknown[] = [];
  public ended = 0;
  public constructor(public readonly name: string) {}
  public setAttributes = (attributes: object) => this.told.push(attributes);
  public addEvent = (name: string, attributes: object) => this.told.push([name, attributes]);
  public recordException = (error: { code?: string }) => this.told.push(error.code);
  public setStatus = (status: object) => this.told.push(status);
  public spanContext = () => ({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 });
  public end = () => void this.ended++;
}

test('each call is a span that ends, and its context travels in every attempt', async () => {
  const spans: Span[] = [];
  const tracer = {
    startSpan: (name: string) => {
      const span = new Span(name);
      spans.push(span);
      return span;
    },
  };
  const retry = { maxAttempts: 2, baseDelayMs: 1 };
  const options = { functionName: 'f', client: wire.client(), retry, ...example()(tracer) };
  const invoker = streamInvoker(text, options as StreamInvokerOptions);
  wire.answer(throttled, ok);
  await (await invoker.invoke({})).collect();
  const contexts = wire.requests.map(({ headers }) =>
    JSON.parse(Buffer.from(String(headers['x-amz-client-context']), 'base64').toString()),
  );
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  expect(contexts).toEqual([{ custom: { traceparent } }, { custom: { traceparent } }]);
  wire.answer(throttled);
  await rejection(invoker.invoke({}));
  await rejection(invoker.invoke(() => 1));
  const retried = ['retry', { attempt: 1, code: 'THROTTLED' }];
  const failed = { code: 2 };
  expect(spans).toMatchObject([
    {
      name: 'lambda invoke',
      ended: 1,
      told: [retried, { 'faas.invocation_id': REQUEST_ID, attempts: 2, chunks: 1 }],
    },
    {
      ended: 1,
      told: [retried, { 'faas.invocation_id': REQUEST_ID, attempts: 2, chunks: 0 }, 'THROTTLED', failed],
    },
    {
      ended: 1,
      told: [{ 'faas.invocation_id': '', attempts: 1, chunks: 0 }, 'INPUT_INVALID', failed],
    },
  ]);
});

test('hooks keep their this', async () => {
  wire.answer(ok);
  const seen: unknown[] = [];
  const hooks: StreamHooks = {
    onEnd() {
      seen.push(this);
    },
  };
  await (await streamInvoker(text, { functionName: 'f', client: wire.client(), hooks }).invoke({})).collect();
  expect(seen[0]).toBe(hooks);
});
