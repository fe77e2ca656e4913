/** The ways to read one stream: once, whole, twice, as web and Node.js streams, and what is known at its end. */
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { type StreamInvokerOptions, type StreamMetrics, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { encodePrelude } from '../../src/wire/prelude';
import { base64, C, P, readToEnd, rejection, utf8, X } from './read-stream';
import { type Answer, EVENT_STREAM_HEADERS, REQUEST_ID, stream, WireServer } from './wire-server';

const bytes = streamContract({ format: 'bytes' });
const text = streamContract({ format: 'text' });
const ndjson = streamContract({ format: 'ndjson' });
const sse = streamContract({ format: 'sse' });
const end = (chunks: number, final?: unknown) => `${JSON.stringify({ $stream: { end: { final, chunks } } })}\n`;

let wire: WireServer;
beforeAll(async () => {
  wire = await WireServer.start();
});
afterAll(() => wire.stop());

const until = async (condition: () => boolean) => {
  for (let turn = 0; !condition(); turn++) {
    if (turn > 2_000) throw new Error('the condition did not come true within two seconds');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};

const options = (more: Partial<StreamInvokerOptions> = {}) =>
  ({ functionName: 'f', client: wire.client(), ...more }) as StreamInvokerOptions;
const openText = (more = {}) => streamInvoker(text, options(more)).invoke({});
const openNdjson = (more = {}) => streamInvoker(ndjson, options(more)).invoke({});
const openBytes = (more = {}) => streamInvoker(bytes, options(more)).invoke({});
const three = stream([P('1\n'), P(''), P(`2\n${end(2, 'sum')}`), C()]);

/** Frames of 10,000 bytes for ever; `written` counts bytes. */
function endless(): Answer & { written: number } {
  const frame = P('x'.repeat(10_000));
  const answer = Object.assign(
    (response: Parameters<Answer>[0]) => {
      response.writeHead(200, EVENT_STREAM_HEADERS);
      const write = () => {
        do answer.written += frame.length;
        while (!response.destroyed && response.write(frame));
      };
      response.on('drain', write);
      write();
    },
    { written: 0 },
  );
  return answer;
}

describe('once', () => {
  test('a second reader gets a clear error, whichever way it reads', async () => {
    wire.answer(three);
    const response = await openNdjson();
    await readToEnd(response);
    const message = 'the stream is already iterated; it can be read once: use tee() to read it twice';
    expect(() => response[Symbol.asyncIterator]()).toThrow(message);
    expect(() => response.frames()).toThrow(message);
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
    expect(() => response.frames()).toThrow('read to its end for its result');
  });

  test('asking for the result of a stream that fails rejects', async () => {
    wire.answer(stream([P('1\n'), C()]));
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
    wire.answer(stream([P('1\n'), C()]));
    const response = await openNdjson();
    expect(await rejection(response[method]())).toMatchObject({ code: 'TRUNCATED', where: 'marker' });
  });

  test('frames() gives the pieces as they came, and empty ones', async () => {
    wire.answer(three);
    const response = await openNdjson();
    const pieces: string[] = [];
    for await (const piece of response.frames()) pieces.push(Buffer.from(piece).toString());
    expect(pieces).toEqual(['1\n', '', `2\n${end(2, 'sum')}`]);
    expect(await response.result).toMatchObject({ final: 'sum', metrics: { payloadPieces: 3 } });
  });

  test("frames() raises the handler's own error after the piece before it", async () => {
    wire.answer(stream([P('1\n'), P('{"$stream":{"error":{"type":"T","message":"m"}}}\n'), C()]));
    const pieces: number[] = [];
    const error = await rejection(
      (async () => {
        for await (const piece of (await openNdjson()).frames()) pieces.push(piece.length);
      })(),
    );
    expect(pieces).toEqual([2]);
    expect(error).toMatchObject({ code: 'REMOTE', errorType: 'T' });
  });
});

describe('twice by tee()', () => {
  test('both branches get everything', async () => {
    wire.answer(three);
    const response = await openNdjson();
    const [left, right] = response.tee();
    const readings = await Promise.all([left.collect(), right.collect(), response.result]);
    expect(readings).toMatchObject([
      { chunks: [1, 2], final: 'sum' },
      { chunks: [1, 2], final: 'sum' },
      { final: 'sum' },
    ]);
    expect(wire.requests).toHaveLength(1);
  });

  test('a slow branch bounds what the fast one can take, and both end whole', async () => {
    const total = 400;
    wire.answer(stream([...Array.from({ length: total }, () => P('x'.repeat(1_000))), C()]));
    const [fast, slow] = (await openText()).tee(10_000);
    let ahead = 0;
    let farthest = 0;
    const count = async (branch: AsyncIterable<string>, step: number, pause: number) => {
      let characters = 0;
      for await (const chunk of branch) {
        characters += chunk.length;
        ahead += step * chunk.length;
        farthest = Math.max(farthest, ahead);
        if (pause > 0) await new Promise((resolve) => setImmediate(resolve));
      }
      return characters;
    };
    expect(await Promise.all([count(fast, 1, 0), count(slow, -1, 1)])).toEqual([total * 1_000, total * 1_000]);
    expect(farthest).toBeLessThanOrEqual(12_000);
  });

  test('a branch that is aborted does not hold or fail the other', async () => {
    wire.answer(stream([...Array.from({ length: 100 }, () => P('x'.repeat(1_000))), C()], { size: 10_000 }));
    const [left, right] = (await openText()).tee(2_000);
    const iterator = left[Symbol.asyncIterator]();
    await iterator.next();
    left.abort('enough');
    expect(await rejection(iterator.next())).toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect((await right.text()).length).toBe(100_000);
  });

  test('a branch that nobody reads ends the other by its idle clock, not by a hang', async () => {
    wire.answer(endless());
    const [left, right] = (await openText({ timeouts: { idleMs: 60 } })).tee(20_000);
    expect(await readToEnd(left)).toMatchObject({ error: { code: 'TIMEOUT', kind: 'idle' } });
    right.abort();
    await until(() => wire.dropped === 1);
  });

  test('aborting the call aborts both branches, and leaving both closes the connection', async () => {
    wire.answer(endless());
    const control = new AbortController();
    const [left, right] = (await streamInvoker(text, options()).invoke({}, { signal: control.signal })).tee();
    const readings = Promise.all([rejection(left.text()), rejection(right.text())]);
    control.abort('stop');
    expect(await readings).toMatchObject([
      { code: 'ABORTED', cause: 'stop' },
      { code: 'ABORTED', cause: 'stop' },
    ]);
    await until(() => wire.dropped === 1);
  });

  test.each([
    [
      'a corrupt frame',
      P('b').map((byte, i, all) => (i === all.length - 1 ? byte ^ 1 : byte)),
      { code: 'CORRUPT', kind: 'message-crc' },
    ],
    ['an exception of the service', X('TooManyRequestsException', { message: 'slow' }), { code: 'STREAM_EXCEPTION' }],
  ])('both branches get the failure of %s, and nothing after it', async (_, broken, expected) => {
    wire.answer(stream([P('a'), broken, P('c'), C()]));
    const [left, right] = (await openText()).tee();
    const reading = { chunks: ['a'], error: { ...expected, chunks: 1, payloadBytes: 1 } };
    expect(await Promise.all([readToEnd(left), readToEnd(right)])).toMatchObject([reading, reading]);
  });
});

describe('as a Node.js stream', () => {
  test('a slow writable holds the server back, and destroying it closes the connection', async () => {
    const answer = endless();
    wire.answer(answer);
    const readable = (await openBytes()).toNodeReadable();
    let seen = 0;
    const slow = new Writable({
      write(piece, _encoding, done) {
        seen += piece.length;
        if (seen < 1_000_000) setImmediate(done);
      },
    });
    readable.on('error', () => undefined).pipe(slow);
    await until(() => seen >= 1_000_000);
    let written = -1;
    for (let look = 0; written !== answer.written && look < 50; look++) {
      written = answer.written;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(answer.written).toBe(written);
    expect(written).toBeLessThan(12 * 1024 * 1024);
    readable.destroy();
    await until(() => wire.dropped === 1);
  });

  test('objects come out of ndjson, and the end is the end', async () => {
    wire.answer(three);
    const seen: unknown[] = [];
    for await (const value of (await openNdjson()).toNodeReadable()) seen.push(value);
    expect(seen).toEqual([1, 2]);
  });

  test('a stream that is not whole destroys the pipeline with its error', async () => {
    wire.answer(stream([P('a')]));
    const sink = new Writable({ write: (_piece, _encoding, done) => done() });
    expect(await rejection(pipeline((await openText()).toNodeReadable(), sink))).toMatchObject({ code: 'TRUNCATED' });
  });
});

describe('as a web stream', () => {
  test('chunks come out, and cancel() closes the connection', async () => {
    wire.answer(endless());
    const reader = (await openText()).toReadableStream().getReader();
    expect((await reader.read()).value?.length).toBeGreaterThan(0);
    await reader.cancel('enough');
    await until(() => wire.dropped === 1);
  });

  test('a stream that is not whole errors it', async () => {
    wire.answer(stream([P('a')]));
    const reader = (await openText()).toReadableStream().getReader();
    expect(await reader.read()).toMatchObject({ value: 'a' });
    expect(await rejection(reader.read())).toMatchObject({ code: 'TRUNCATED' });
  });

  test('toResponse() passes the payload on with its markers, content type, status, headers and cookies', async () => {
    const payload = 'data: {"n":1}\n\nevent: $end\ndata: {"chunks":1}\n\n';
    wire.answer(stream([P(payload), C()]));
    const plain = await (await streamInvoker(sse, options()).invoke({})).toResponse();
    expect(plain.status).toBe(200);
    expect(plain.headers.get('content-type')).toBe('text/event-stream');
    expect(await plain.text()).toBe(payload);

    const prelude = {
      statusCode: 202,
      headers: { 'Content-Type': 'text/event-stream; v=2', 'x-a': '1' },
      cookies: ['a=1', 'b=2'],
    };
    const headers = { 'x-amzn-remapped-content-type': 'application/vnd.awslambda.http-integration-response' };
    wire.answer(stream([P(encodePrelude(prelude)), P(payload), C()], { headers }));
    const told = await (await streamInvoker(sse, options()).invoke({})).toResponse({ headers: { 'x-a': '2' } });
    expect([told.status, told.headers.get('content-type'), told.headers.get('x-a')]).toEqual([
      202,
      'text/event-stream; v=2',
      '2',
    ]);
    expect(told.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await told.text()).toBe(payload);
  });

  test('toResponse() of a stream that breaks breaks its body', async () => {
    wire.answer(stream([P('data: {"n":1}\n\n'), C()]));
    const response = await (await streamInvoker(sse, options()).invoke({})).toResponse();
    expect(await rejection(response.text())).toMatchObject({ code: 'TRUNCATED' });
  });
});

describe('what is known at the end', () => {
  const tail = 'START\nhällo wörld\nREPORT RequestId: 1\tDuration: 1 ms\n';

  test('the log tail is decoded, in the result and in errors', async () => {
    wire.answer(stream([P('a'), C({ LogResult: base64(tail) })]));
    expect(await (await openText({ logs: 'tail' })).collect()).toMatchObject({ logTail: tail });
    expect(wire.requests[0]?.headers['x-amz-log-type']).toBe('Tail');
    wire.answer(stream([P('a'), C({ ErrorCode: 'Unhandled', LogResult: base64(tail) })]));
    expect(await rejection((await openText({ logs: 'tail' })).text())).toMatchObject({
      code: 'FUNCTION_ERROR',
      logTail: tail,
    });
  });

  const remote = P('1\n{"$stream":{"error":{"type":"T","message":"m"}}}\n');

  test("the handler's own error carries the log tail that comes a moment later, where it was asked for", async () => {
    wire.answer(async (response, request) => {
      await stream([remote], { ending: 'hang' })(response, request);
      setTimeout(() => response.end(C({ LogResult: base64(tail) })), 20);
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
      response.writeHead(200, EVENT_STREAM_HEADERS).flushHeaders();
      for (let tick = 0; tick < 10; tick++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        response.write(P(`tick${tick}`));
      }
      response.end(C());
    });
    const { metrics } = await (await openText()).collect();
    expect(metrics).toMatchObject({ chunks: 10, payloadPieces: 10, payloadBytes: 50, attempts: 1 });
    expect(metrics.headersMs).toBeGreaterThanOrEqual(0);
    expect(metrics.firstChunkMs).toBeGreaterThan(metrics.headersMs);
    expect(metrics.totalMs).toBeGreaterThanOrEqual((metrics.firstChunkMs ?? 0) + 150);
    expect(metrics.maxGapMs).toBeGreaterThanOrEqual(15);
    expect(metrics.maxGapMs).toBeLessThan(metrics.totalMs);
  });

  test('hooks see each turning point once, and a hook that throws disturbs nothing', async () => {
    const seen: string[] = [];
    const ends: { metrics: StreamMetrics; error?: unknown }[] = [];
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
    wire.answer(endless());
    const error = await rejection((await openText({ maxResponseBytes: 25_000 })).text());
    expect(error).toMatchObject({ code: 'RESPONSE_TOO_LARGE', limitBytes: 25_000, invoked: 'yes' });
    await until(() => wire.dropped === 1);
  });
});
