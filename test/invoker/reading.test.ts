/** The ways to read one stream: once, whole, and what is known at its end. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import { type StreamInvokerOptions, type StreamTimings, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { base64, invokeComplete, payloadChunk, readToEnd, rejection, utf8 } from './read-stream';
import { EVENT_STREAM_HEADERS, endless, REQUEST_ID, stream, until, useWireServer } from './wire-server';

const text = streamContract({ format: 'text' });
const ndjson = streamContract({ format: 'ndjson' });
const end = (chunks: number, final?: unknown) => `${JSON.stringify({ $stream: { end: { final, chunks } } })}\n`;

const wire = useWireServer();

const options = (more: Partial<StreamInvokerOptions> = {}) =>
  ({ functionName: 'f', client: wire.client(), ...more }) as StreamInvokerOptions;
const openText = (more = {}) => streamInvoker(text, options(more)).invoke({});
const openNdjson = (more = {}) => streamInvoker(ndjson, options(more)).invoke({});
/** For streams without end. */
const frame = payloadChunk('x'.repeat(10_000));
const three = stream([payloadChunk('1\n'), payloadChunk(''), payloadChunk(`2\n${end(2, 'sum')}`), invokeComplete()]);

describe('once', () => {
  test('a second reader gets a clear error, whichever way it reads', async () => {
    wire.answer(three);
    const response = await openNdjson();
    await readToEnd(response);
    const message = 'the stream is already iterated; it can be read once: use tee() to read it twice';
    expect(() => response[Symbol.asyncIterator]()).toThrow(message);
    expect(() => response.payload()).toThrow(message);
    expect(() => response.tee()).toThrow(message);
    expect(() => response.toNodeReadable()).toThrow(message);
    expect(() => response.toReadableStream()).toThrow(message);
    await expect(response.collect()).rejects.toThrow(message);
    await expect(response.text()).rejects.toThrow(message);
  });

  test('the result can be asked for often, before and after reading', async () => {
    wire.answer(three);
    const response = await openNdjson();
    const before = response.result.then(({ final }) => final);
    const chunks: unknown[] = [];
    for await (const chunk of response) chunks.push(chunk);
    expect(chunks).toEqual([1, 2]);
    expect(await before).toBe('sum');
    expect((await response.result).final).toBe('sum');
    expect(await response.result.finally(() => undefined)).toMatchObject({ final: 'sum' });
  });

  test('asking only for the result reads the stream to its end', async () => {
    wire.answer(three);
    const response = await openNdjson();
    expect(await response.result).toMatchObject({ final: 'sum', metrics: { chunks: 2 } });
    expect(() => response.payload()).toThrow('read to its end for its result');
  });

  test('asking for the result of a stream that fails rejects', async () => {
    wire.answer(stream([payloadChunk('1\n'), invokeComplete()]));
    expect(await rejection((await openNdjson()).result)).toMatchObject({ code: 'TRUNCATED' });
  });
});

describe('whole', () => {
  test('collect() gives chunks and result', async () => {
    wire.answer(three);
    expect(await (await openNdjson()).collect()).toMatchObject({ chunks: [1, 2], final: 'sum', requestId: REQUEST_ID });
  });

  test('bytes() and text() give the payload as sent', async () => {
    wire.answer(three);
    expect(await (await openNdjson()).text()).toBe(`1\n2\n${end(2, 'sum')}`);
    expect(await (await openNdjson()).bytes()).toEqual(utf8(`1\n2\n${end(2, 'sum')}`));
  });

  test.each(['text', 'bytes', 'collect'] as const)('%s() rejects for a stream that is not whole', async (method) => {
    wire.answer(stream([payloadChunk('1\n'), invokeComplete()]));
    const response = await openNdjson();
    expect(await rejection(response[method]())).toMatchObject({ code: 'TRUNCATED', where: 'marker' });
  });

  test('payload() gives the pieces as they came, and empty ones', async () => {
    wire.answer(three);
    const response = await openNdjson();
    const pieces: string[] = [];
    for await (const piece of response.payload()) pieces.push(Buffer.from(piece).toString());
    expect(pieces).toEqual(['1\n', '', `2\n${end(2, 'sum')}`]);
    expect(await response.result).toMatchObject({ final: 'sum', metrics: { payloadPieces: 3 } });
  });

  test("payload() raises the handler's own error after the piece before it", async () => {
    wire.answer(
      stream([
        payloadChunk('1\n'),
        payloadChunk('{"$stream":{"error":{"type":"T","message":"m"}}}\n'),
        invokeComplete(),
      ]),
    );
    const pieces: number[] = [];
    const error = await rejection(
      (async () => {
        for await (const piece of (await openNdjson()).payload()) pieces.push(piece.length);
      })(),
    );
    expect(pieces).toEqual([2]);
    expect(error).toMatchObject({ code: 'REMOTE', errorType: 'T' });
  });
});

describe('what is known at the end', () => {
  const tail = 'START\nhällo wörld\nREPORT RequestId: 1\tDuration: 1 ms\n';

  test('the log tail is decoded, in the result and in errors', async () => {
    wire.answer(stream([payloadChunk('a'), invokeComplete({ LogResult: base64(tail) })]));
    expect(await (await openText({ logs: 'tail' })).collect()).toMatchObject({ logTail: tail });
    expect(wire.requests[0]?.headers['x-amz-log-type']).toBe('Tail');
    wire.answer(stream([payloadChunk('a'), invokeComplete({ ErrorCode: 'Unhandled', LogResult: base64(tail) })]));
    expect(await rejection((await openText({ logs: 'tail' })).text())).toMatchObject({
      code: 'FUNCTION_ERROR',
      logTail: tail,
    });
  });

  const remote = payloadChunk('1\n{"$stream":{"error":{"type":"T","message":"m"}}}\n');

  test("the handler's own error carries the log tail that comes a moment later, where it was asked for", async () => {
    wire.answer(async (response, request) => {
      await stream([remote], { ending: 'hang' })(response, request);
      setTimeout(() => response.end(invokeComplete({ LogResult: base64(tail) })), 20);
    });
    const { chunks, error } = await readToEnd(await openNdjson({ logs: 'tail' }));
    expect(chunks).toEqual([1]);
    expect(error).toMatchObject({ code: 'REMOTE', errorType: 'T', logTail: tail, chunks: 1 });
  });

  test("the handler's own error does not wait for the end of the response otherwise", async () => {
    wire.answer(stream([remote], { ending: 'hang' }));
    expect(await readToEnd(await openNdjson())).toMatchObject({
      chunks: [1],
      error: { code: 'REMOTE', logTail: undefined },
    });
    await until(() => wire.dropped === 1);
  });

  test('a log tail that does not come does not hold or hide the error of the handler', async () => {
    wire.answer(stream([remote], { ending: 'reset' }));
    const { error } = await readToEnd(await openNdjson({ logs: 'tail' }));
    expect(error).toMatchObject({ code: 'REMOTE', errorType: 'T', logTail: undefined });
  });

  test('metrics tell times, gaps and counts', async () => {
    wire.answer(async (response) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      response.writeHead(200, EVENT_STREAM_HEADERS).flushHeaders();
      for (let tick = 0; tick < 10; tick++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        response.write(payloadChunk(`tick${tick}`));
      }
      response.end(invokeComplete());
    });
    const { metrics } = await (await openText()).collect();
    expect(metrics).toMatchObject({ chunks: 10, payloadPieces: 10, payloadBytes: 50, attempts: 1 });
    expect(metrics.headersMs).toBeGreaterThanOrEqual(15);
    expect(metrics.firstByteMs).toBeGreaterThan(metrics.headersMs);
    expect(metrics.totalMs).toBeGreaterThanOrEqual((metrics.firstByteMs ?? 0) + 150);
    expect(metrics.maxGapMs).toBeGreaterThanOrEqual(15);
    expect(metrics.maxGapMs).toBeLessThan(metrics.totalMs);
  });

  test('hooks see each turning point once, and a hook that throws disturbs nothing', async () => {
    const seen: string[] = [];
    const ends: { metrics: StreamTimings; error?: unknown }[] = [];
    const warnings: string[] = [];
    const hooks: StreamInvokerOptions['hooks'] = {
      onRequest: ({ attempt }) => {
        seen.push(`request ${attempt}`);
        throw new Error('hook bug');
      },
      onHeaders: ({ requestId, executedVersion }) => seen.push(`headers ${requestId} ${executedVersion}`),
      onEnd: (info) => ends.push(info),
      onWarning: (message) => warnings.push(message),
    };
    wire.answer(three);
    await (await openNdjson({ hooks })).collect();
    await until(() => ends.length === 1);
    expect(seen).toEqual(['request 1', `headers ${REQUEST_ID} 7`]);
    expect(warnings).toEqual(['hook onRequest threw: hook bug']);
    expect(ends[0]).toMatchObject({ metrics: { chunks: 2 }, error: undefined });
  });
});

describe('a response at its limits', () => {
  test('that exceeds maxResponseBytes is RESPONSE_TOO_LARGE, and its connection is closed', async () => {
    wire.answer(endless(frame));
    const error = await rejection((await openText({ maxResponseBytes: 25_000 })).text());
    expect(error).toMatchObject({ code: 'RESPONSE_TOO_LARGE', limitBytes: 25_000, invoked: 'yes' });
    await until(() => wire.dropped === 1);
  });
});
