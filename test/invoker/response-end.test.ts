/** What a caller gets for each way a response can go and end, however the network cuts its bytes. */
import { type StreamContract, streamContract } from 'cdk-lambda-streaming/contract';
import { base64, C, call, E, event, P, X } from './read-stream';
import { type Answer, type Ending, REQUEST_ID, stream, useWireServer } from './wire-server';

const text = streamContract({ format: 'text' });
const bytes = streamContract({ format: 'bytes' });
const ndjson = streamContract({ format: 'ndjson' });
const foreign = streamContract({ format: 'ndjson', completion: 'platform' });

const line = (value: unknown) => `${JSON.stringify(value)}\n`;
const end = (chunks: number) => P(line({ $stream: { end: { chunks } } }));
const flip = (frame: Uint8Array, at: number) => frame.map((byte, i) => (i === at ? byte ^ 1 : byte));

const ERROR_TAIL = [
  'START RequestId: 1 Version: 7',
  `2026-09-15T10:00:00.000Z\t${REQUEST_ID}\tERROR\tInvoke Error \t{"errorType":"Error","errorMessage":"probe-after","stack":["Error: probe-after","    at handler"]}`,
  `REPORT RequestId: ${REQUEST_ID}\tDuration: 5.00 ms\tBilled Duration: 6 ms\tMemory Size: 128 MB\tMax Memory Used: 23 MB\t`,
  '',
].join('\n');
const TIMEOUT_TAIL = `REPORT RequestId: ${REQUEST_ID}\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: 23 MB\tInit Duration: 65.39 ms\tStatus: timeout\n`;

const wire = useWireServer();

const SIZES: [string, number | undefined][] = [
  ['byte by byte', 1],
  ['in pieces of 7 bytes', 7],
  ['in pieces of 64 bytes', 64],
  ['in one piece', undefined],
];

type Row = [
  sentence: string,
  contract: StreamContract,
  frames: Uint8Array[],
  chunks: unknown[] | string,
  error?: object,
  ending?: Ending,
];

const WHOLE: Row[] = [
  ['payload chunks and InvokeComplete are a whole stream', text, [P('hello '), P('world'), C()], 'hello world'],
  ['InvokeComplete alone is a whole stream without chunks', text, [C()], []],
  ['an empty payload chunk adds nothing', text, [P(''), P('x'), C()], 'x'],
  ['an unknown event type is skipped', text, [P('a'), event('Later', '{}'), P('b'), C()], 'ab'],
  ['an end marker makes a marked stream whole', ndjson, [P(line({ n: 1 })), end(1), C()], [{ n: 1 }]],
  ['a marked stream stays whole when the connection ends after its end marker', ndjson, [P(line(1)), end(1)], [1]],
  [
    'a marked stream stays whole when the connection breaks after its end marker',
    ndjson,
    [P(line(1)), end(1)],
    [1],
    undefined,
    'reset',
  ],
  [
    'a last line without a newline counts when the platform completed',
    foreign,
    [P('{"n":1}\n{"n":2}'), C()],
    [{ n: 1 }, { n: 2 }],
  ],
  ['nothing is read after InvokeComplete', text, [P('a'), C(), P('b'), C()], 'a'],
  ['a body that never ends after InvokeComplete does not hold the reader', text, [P('a'), C()], 'a', undefined, 'hang'],
];

const BROKEN: Row[] = [
  [
    'an ErrorCode is a FUNCTION_ERROR with what the function threw',
    text,
    [P('a'), C({ ErrorCode: 'Unhandled', ErrorDetails: '{"errorType":"E","errorMessage":"boom","trace":["l"]}' })],
    'a',
    {
      code: 'FUNCTION_ERROR',
      errorCode: 'Unhandled',
      errorType: 'E',
      errorMessage: 'boom',
      trace: ['l'],
      timedOut: false,
      source: 'complete',
      chunks: 1,
    },
  ],
  [
    'ErrorDetails in plain words tell of a timeout',
    bytes,
    [C({ ErrorCode: 'Unhandled', ErrorDetails: '2026-09-15T10:00:00Z 1 Task timed out after 3.00 seconds' })],
    [],
    {
      code: 'FUNCTION_ERROR',
      timedOut: true,
      errorDetails: '2026-09-15T10:00:00Z 1 Task timed out after 3.00 seconds',
    },
  ],
  [
    'an ErrorCode without details is kept as given',
    text,
    [P('a'), C({ ErrorCode: 'Runtime.TruncatedResponse' })],
    'a',
    { code: 'FUNCTION_ERROR', errorCode: 'Runtime.TruncatedResponse' },
  ],
  [
    'an ErrorCode after the end marker is an error',
    ndjson,
    [P(line(1)), end(1), C({ ErrorCode: 'Unhandled' })],
    [1],
    { code: 'FUNCTION_ERROR' },
  ],
  [
    'a crash that the platform reports as success is TRUNCATED by the missing end marker',
    ndjson,
    [P(line({ n: 1 })), C()],
    [{ n: 1 }],
    { code: 'TRUNCATED', where: 'marker', phase: 'end', chunks: 1 },
  ],
  [
    'half a line at such a crash is not handed out as a chunk',
    ndjson,
    [P('1\n23'), C()],
    [1],
    { code: 'TRUNCATED', where: 'marker' },
  ],
  [
    'a crash that the platform reports as success is a FUNCTION_ERROR when the log tail tells of it',
    ndjson,
    [P(line({ n: 1 })), C({ LogResult: base64(ERROR_TAIL) })],
    [{ n: 1 }],
    {
      code: 'FUNCTION_ERROR',
      source: 'log-tail',
      errorType: 'Error',
      errorMessage: 'probe-after',
      logTail: ERROR_TAIL,
    },
  ],
  [
    'a throw before the first byte is a FUNCTION_ERROR by the log tail, also without a marker in the format',
    text,
    [C({ LogResult: base64(ERROR_TAIL) })],
    [],
    { code: 'FUNCTION_ERROR', source: 'log-tail', phase: 'before-first-chunk', errorMessage: 'probe-after' },
  ],
  [
    'half a line before a crash in the log is not handed out either',
    foreign,
    [P('1\n23'), C({ LogResult: base64(ERROR_TAIL) })],
    [1],
    { code: 'FUNCTION_ERROR', source: 'log-tail' },
  ],
  [
    'a timeout that the platform reports as success is a FUNCTION_ERROR by the log tail',
    text,
    [P('prefix'), C({ LogResult: base64(TIMEOUT_TAIL) })],
    'prefix',
    { code: 'FUNCTION_ERROR', timedOut: true, source: 'log-tail' },
  ],
  [
    'a response that ends between frames without InvokeComplete is TRUNCATED',
    text,
    [P('part')],
    'part',
    { code: 'TRUNCATED', where: 'boundary', phase: 'end' },
  ],
  [
    'a response without any frame is TRUNCATED',
    text,
    [],
    [],
    { code: 'TRUNCATED', where: 'boundary', phase: 'before-first-chunk' },
  ],
  [
    'two stray bytes at the end are TRUNCATED',
    text,
    [P('a'), Uint8Array.of(0, 0)],
    'a',
    { code: 'TRUNCATED', where: 'frame' },
  ],
  [
    'half a frame at the end is TRUNCATED',
    text,
    [P('a'), P('bcdef').subarray(0, 40)],
    'a',
    { code: 'TRUNCATED', where: 'frame' },
  ],
  [
    'an end marker that counts more chunks than arrived is TRUNCATED',
    ndjson,
    [P(line(1)), end(2), C()],
    [1],
    { code: 'TRUNCATED', where: 'count' },
  ],
  [
    'a chunk after the end marker is a DECODE error',
    ndjson,
    [P(line(1)), end(1), P(line(2)), C()],
    [1],
    { code: 'DECODE', kind: 'data-after-end' },
  ],
  [
    'a wrong message checksum is CORRUPT, and nothing after it is handed out',
    text,
    [P('a'), flip(P('b'), P('b').length - 1), P('c'), C()],
    'a',
    { code: 'CORRUPT', kind: 'message-crc', byteOffset: P('a').length, chunks: 1 },
  ],
  [
    'a wrong prelude checksum is CORRUPT',
    text,
    [P('a'), flip(P('b'), 8), C()],
    'a',
    { code: 'CORRUPT', kind: 'prelude-crc' },
  ],
  [
    'an InvokeComplete that is not JSON is CORRUPT',
    text,
    [P('a'), event('InvokeComplete', '{"ErrorCode":')],
    'a',
    { code: 'CORRUPT', kind: 'invoke-complete' },
  ],
  [
    'an error frame is a STREAM_EXCEPTION',
    text,
    [P('a'), E('InternalServerError', 'x')],
    'a',
    {
      code: 'STREAM_EXCEPTION',
      errorCode: 'InternalServerError',
      retryable: true,
      message: expect.stringContaining('InternalServerError: x'),
    },
  ],
  [
    'an exception frame is a STREAM_EXCEPTION with its message and reason',
    text,
    [P('a'), X('TooManyRequestsException', { message: 'slow', Reason: 'CallerRateLimitExceeded' })],
    'a',
    {
      code: 'STREAM_EXCEPTION',
      errorCode: 'TooManyRequestsException',
      reason: 'CallerRateLimitExceeded',
      message: expect.stringContaining('slow'),
    },
  ],
  [
    'an exception as the first frame is a STREAM_EXCEPTION and not a second request',
    text,
    [X('TooManyRequestsException', { message: 'slow' })],
    [],
    { code: 'STREAM_EXCEPTION', phase: 'before-first-chunk' },
  ],
  [
    'a connection that is reset between frames is a TRANSPORT error',
    text,
    [P('a')],
    'a',
    { code: 'TRANSPORT', systemCode: 'ECONNRESET', phase: 'streaming' },
    'reset',
  ],
  [
    'a connection that is reset in a frame is a TRANSPORT error',
    text,
    [P('a'), P('b').subarray(0, 20)],
    'a',
    { code: 'TRANSPORT', systemCode: 'ECONNRESET' },
    'reset',
  ],
  [
    'a connection that ends without the last HTTP chunk is a TRANSPORT error',
    text,
    [P('a')],
    'a',
    { code: 'TRANSPORT', systemCode: 'ECONNRESET' },
    'no-last-chunk',
  ],
  [
    'a connection that is reset before the first frame is a TRANSPORT error and not a second request',
    text,
    [],
    [],
    { code: 'TRANSPORT', systemCode: 'ECONNRESET', phase: 'before-first-chunk' },
    'reset',
  ],
];

describe.each(SIZES)('with the bytes arriving %s', (_, size) => {
  test.each(WHOLE)('%s', async (...[, contract, frames, chunks, , ending]: Row) => {
    wire.answer(stream(frames, { size, ending }));
    const reading = await call(wire, contract);
    expect(reading.error).toBeUndefined();
    expect(joined(chunks, reading.chunks)).toEqual(chunks);
    expect(reading.result).toMatchObject({ requestId: REQUEST_ID, executedVersion: '7' });
    expect(wire.requests).toHaveLength(1);
  });

  test.each(BROKEN)('%s', async (...[, contract, frames, chunks, error, ending]: Row) => {
    wire.answer(stream(frames, { size, ending }));
    const reading = await call(wire, contract);
    expect(joined(chunks, reading.chunks)).toEqual(chunks);
    expect(reading.error).toMatchObject({ name: 'StreamError', invoked: 'yes', requestId: REQUEST_ID, ...error });
    expect(wire.requests).toHaveLength(1);
  });
});

describe('a frame larger than a read', () => {
  test.each([10_000, undefined])('arrives unchanged in pieces of %s bytes', async (size) => {
    const payload = new Uint8Array(5_000_000).map((_, i) => i * 7);
    wire.answer(stream([P(payload), C()], { size }));
    const { chunks } = await call(wire, bytes);
    expect(Buffer.compare(Buffer.concat(chunks as Uint8Array[]), payload)).toBe(0);
  });
});

test('three frames that arrive byte by byte give the same at every cut', async () => {
  const frames = Buffer.concat([P('he'), P('llo'), C()]);
  for (let cut = 0; cut <= frames.length; cut += 3) {
    wire.answer(twoPieces(frames, cut));
    const { chunks } = await call(wire, text);
    expect(chunks.join('')).toBe('hello');
  }
});

/** Text pieces depend on the cuts; joined they do not. */
function joined(expected: unknown[] | string, got: unknown[]): unknown {
  return typeof expected === 'string' ? got.join('') : got;
}

function twoPieces(body: Uint8Array, cut: number): Answer {
  return async (response, request) => {
    await stream(body.subarray(0, cut), { ending: 'hang' })(response, request);
    await new Promise((resolve) => setImmediate(resolve));
    response.end(body.subarray(cut));
  };
}
