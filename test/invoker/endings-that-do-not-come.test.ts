/** What is waited for and does not come, while the reader has clocks and a signal: an end, a schema, payload. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import { type InvokedStream, type StreamInvokerOptions, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { event, invokeComplete, payloadChunk, readToEnd } from './read-stream';
import { type Answer, EVENT_STREAM_HEADERS, stream, until, useWireServer } from './wire-server';

const TOTAL_MS = 1_000;
const end = (chunks: number) => `${JSON.stringify({ $stream: { end: { chunks } } })}\n`;
const failed = `${JSON.stringify({ $stream: { error: { type: 'Quota', message: 'none left', data: 1 } } })}\n`;
const never = {
  '~standard': { version: 1, vendor: 'test', validate: () => new Promise<{ value: unknown }>(() => undefined) },
} as const;

const wire = useWireServer();

async function open(part: object, options: Partial<StreamInvokerOptions>, signal?: AbortSignal) {
  const all = { functionName: 'f', client: wire.client(), ...options } as StreamInvokerOptions;
  const contract = streamContract({ format: 'ndjson', ...part });
  return (await streamInvoker(contract, all).invoke({}, { signal })) as InvokedStream;
}

describe('a schema that never answers', () => {
  const parts: [string, object, string, object][] = [
    ['about a chunk', { chunk: never }, `1\n${end(1)}`, {}],
    ['about the final value', { final: never }, `1\n${end(1)}`, {}],
    // What the handler said is known, though not whether its data keeps the contract.
    ['about an error', { error: never }, failed, { code: 'REMOTE', errorType: 'Quota', data: undefined }],
  ];

  test.each(parts)('%s is stopped by the clock, and the connection closed', async (_, part, payload, expected) => {
    wire.answer(stream([payloadChunk(payload)], { ending: 'hang' }));
    const { error } = await readToEnd(await open(part, { timeouts: { totalMs: TOTAL_MS } }));
    expect(error).toMatchObject({ code: 'TIMEOUT', ...expected });
    await until(() => wire.open.size === 0);
  });

  test.each(parts)('%s is stopped by the signal', async (_, part, payload, expected) => {
    wire.answer(stream([payloadChunk(payload), invokeComplete()]));
    const control = new AbortController();
    const reading = readToEnd(await open(part, {}, control.signal));
    setTimeout(() => control.abort('enough'), 20);
    expect((await reading).error).toMatchObject({ code: 'ABORTED', ...expected });
  });
});

describe('payload that does not come, though bytes do', () => {
  const drip = (frame: Uint8Array, size: number): Answer => {
    return async (response) => {
      response.writeHead(200, EVENT_STREAM_HEADERS).write(payloadChunk('1\n'));
      for (let at = 0; !response.destroyed; at = at + size < frame.length ? at + size : 0) {
        response.write(frame.subarray(at, at + size));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
  };
  test.each([
    ['the bytes of a frame one by one', payloadChunk('2\n'), 1],
    ['frames without payload', payloadChunk(''), 1_000],
    ['events of a later protocol', event('KeepAlive', '{}'), 1_000],
  ])('%s do not stop the clock of silence', async (_, frame, size) => {
    wire.answer(drip(frame, size));
    const { chunks, error } = await readToEnd(await open({}, { timeouts: { idleMs: 200, headersMs: 60_000 } }));
    expect(chunks).toEqual([1]);
    expect(error).toMatchObject({ code: 'TIMEOUT', kind: 'idle', limitMs: 200 });
    await until(() => wire.open.size === 0);
  });
});

describe("after the contract's end marker", () => {
  test('InvokeComplete is not waited for longer than some seconds, and silence is no failure', async () => {
    wire.answer(stream([payloadChunk(`1\n${end(1)}`)], { ending: 'hang' }));
    const { chunks, result } = await readToEnd(await open({}, { timeouts: { idleMs: 100, headersMs: 60_000 } }));
    expect(chunks).toEqual([1]);
    expect(result?.metrics.totalMs).toBeGreaterThan(100);
    await until(() => wire.open.size === 0);
  });
});

describe("the handler's own error", () => {
  const logs = 'tail';

  test('is not hidden by a clock that runs out while the log tail is waited for', async () => {
    wire.answer(stream([payloadChunk(failed)], { ending: 'hang' }));
    const { error } = await readToEnd(await open({}, { logs, timeouts: { totalMs: TOTAL_MS } }));
    expect(error).toMatchObject({ code: 'REMOTE', errorType: 'Quota', errorMessage: 'none left' });
    await until(() => wire.open.size === 0);
  });

  test('is not hidden by an abort at that time', async () => {
    wire.answer(stream([payloadChunk(failed)], { ending: 'hang' }));
    const control = new AbortController();
    const reading = readToEnd(await open({}, { logs }, control.signal));
    setTimeout(() => control.abort(), 30);
    expect((await reading).error).toMatchObject({ code: 'REMOTE', errorType: 'Quota' });
  });
});
