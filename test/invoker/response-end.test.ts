/** What a caller gets for each way a response can go and end, however the network cuts its bytes. */
import { type StreamContract, streamContract } from 'cdk-lambda-streaming/contract';
import { base64, call, errorFrame, event, exceptionFrame, invokeComplete, payloadChunk } from './read-stream';
import { type Answer, type Ending, REQUEST_ID, stream, useWireServer } from './wire-server';

const text = streamContract({ format: 'text' });
const bytes = streamContract({ format: 'bytes' });
const ndjson = streamContract({ format: 'ndjson' });
const foreign = streamContract({ format: 'ndjson', completion: 'platform' });

const line = (value: unknown) => `${JSON.stringify(value)}\n`;
const end = (chunks: number) => payloadChunk(line({ $stream: { end: { chunks } } }));
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
  [
    'payload chunks and InvokeComplete are a whole stream',
    text,
    [payloadChunk('hello '), payloadChunk('world'), invokeComplete()],
    'hello world',
  ],
  ['InvokeComplete alone is a whole stream without chunks', text, [invokeComplete()], []],
  ['an empty payload chunk adds nothing', text, [payloadChunk(''), payloadChunk('x'), invokeComplete()], 'x'],
  [
    'an unknown event type is skipped',
    text,
    [payloadChunk('a'), event('Later', '{}'), payloadChunk('b'), invokeComplete()],
    'ab',
  ],
  [
    'an end marker makes a marked stream whole',
    ndjson,
    [payloadChunk(line({ n: 1 })), end(1), invokeComplete()],
    [{ n: 1 }],
  ],
  [
    'a marked stream stays whole when the connection ends after its end marker',
    ndjson,
    [payloadChunk(line(1)), end(1)],
    [1],
  ],
  [
    'a marked stream stays whole when the connection breaks after its end marker',
    ndjson,
    [payloadChunk(line(1)), end(1)],
    [1],
    undefined,
    'reset',
  ],
  [
    'a last line without a newline counts when the platform completed',
    foreign,
    [payloadChunk('{"n":1}\n{"n":2}'), invokeComplete()],
    [{ n: 1 }, { n: 2 }],
  ],
  [
    'nothing is read after InvokeComplete',
    text,
    [payloadChunk('a'), invokeComplete(), payloadChunk('b'), invokeComplete()],
    'a',
  ],
  [
    'a body that never ends after InvokeComplete does not hold the reader',
    text,
    [payloadChunk('a'), invokeComplete()],
    'a',
    undefined,
    'hang',
  ],
];

const BROKEN: Row[] = [
  [
    'an ErrorCode is a FUNCTION_ERROR with what the function threw',
    text,
    [
      payloadChunk('a'),
      invokeComplete({ ErrorCode: 'Unhandled', ErrorDetails: '{"errorType":"E","errorMessage":"boom","trace":["l"]}' }),
    ],
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
      message: expect.stringContaining('the function failed: E: boom (after 1 chunk)'),
    },
  ],
  [
    'ErrorDetails in plain words tell of a timeout',
    bytes,
    [
      invokeComplete({
        ErrorCode: 'Unhandled',
        ErrorDetails: '2026-09-15T10:00:00Z 1 Task timed out after 3.00 seconds',
      }),
    ],
    [],
    {
      code: 'FUNCTION_ERROR',
      timedOut: true,
      errorDetails: '2026-09-15T10:00:00Z 1 Task timed out after 3.00 seconds',
    },
  ],
  ...['null', '"out of memory"', '137', '["a"]'].map(
    (ErrorDetails): Row => [
      `ErrorDetails that are JSON and no object are words, too: ${ErrorDetails}`,
      text,
      [invokeComplete({ ErrorCode: 'Unhandled', ErrorDetails })],
      [],
      {
        code: 'FUNCTION_ERROR',
        errorMessage: ErrorDetails,
        message: expect.stringContaining(`the function failed: Unhandled: ${ErrorDetails}`),
      },
    ],
  ),
  [
    'an ErrorCode without details is kept as given',
    text,
    [payloadChunk('a'), invokeComplete({ ErrorCode: 'Runtime.TruncatedResponse' })],
    'a',
    { code: 'FUNCTION_ERROR', errorCode: 'Runtime.TruncatedResponse' },
  ],
  [
    'an ErrorCode after the end marker is an error',
    ndjson,
    [payloadChunk(line(1)), end(1), invokeComplete({ ErrorCode: 'Unhandled' })],
    [1],
    { code: 'FUNCTION_ERROR' },
  ],
  [
    'a crash that the platform reports as success is TRUNCATED by the missing end marker',
    ndjson,
    [payloadChunk(line({ n: 1 })), invokeComplete()],
    [{ n: 1 }],
    { code: 'TRUNCATED', where: 'marker', phase: 'end', chunks: 1 },
  ],
  [
    'half a line at such a crash is not handed out as a chunk',
    ndjson,
    [payloadChunk('1\n23'), invokeComplete()],
    [1],
    { code: 'TRUNCATED', where: 'marker' },
  ],
  [
    'a crash that the platform reports as success is a FUNCTION_ERROR when the log tail tells of it',
    ndjson,
    [payloadChunk(line({ n: 1 })), invokeComplete({ LogResult: base64(ERROR_TAIL) })],
    [{ n: 1 }],
    {
      code: 'FUNCTION_ERROR',
      source: 'log-tail',
      errorType: 'Error',
      errorMessage: 'probe-after',
      logTail: ERROR_TAIL,
      message: expect.stringContaining('(found in its log; the platform reported success; '),
    },
  ],
  [
    'a throw before the first byte is a FUNCTION_ERROR by the log tail, also without a marker in the format',
    text,
    [invokeComplete({ LogResult: base64(ERROR_TAIL) })],
    [],
    { code: 'FUNCTION_ERROR', source: 'log-tail', phase: 'before-first-byte', errorMessage: 'probe-after' },
  ],
  [
    'half a line before a crash in the log is not handed out either',
    foreign,
    [payloadChunk('1\n23'), invokeComplete({ LogResult: base64(ERROR_TAIL) })],
    [1],
    { code: 'FUNCTION_ERROR', source: 'log-tail' },
  ],
  [
    'a timeout that the platform reports as success is a FUNCTION_ERROR by the log tail',
    text,
    [payloadChunk('prefix'), invokeComplete({ LogResult: base64(TIMEOUT_TAIL) })],
    'prefix',
    { code: 'FUNCTION_ERROR', timedOut: true, source: 'log-tail' },
  ],
  [
    'a response that ends between frames without InvokeComplete is TRUNCATED',
    text,
    [payloadChunk('part')],
    'part',
    { code: 'TRUNCATED', where: 'boundary', phase: 'end' },
  ],
  [
    'a response without any frame is TRUNCATED',
    text,
    [],
    [],
    { code: 'TRUNCATED', where: 'boundary', phase: 'before-first-byte' },
  ],
  [
    'two stray bytes at the end are TRUNCATED',
    text,
    [payloadChunk('a'), Uint8Array.of(0, 0)],
    'a',
    { code: 'TRUNCATED', where: 'frame' },
  ],
  [
    'half a frame at the end is TRUNCATED',
    text,
    [payloadChunk('a'), payloadChunk('bcdef').subarray(0, 40)],
    'a',
    { code: 'TRUNCATED', where: 'frame' },
  ],
  [
    'an end marker that counts more chunks than arrived is TRUNCATED',
    ndjson,
    [payloadChunk(line(1)), end(2), invokeComplete()],
    [1],
    { code: 'TRUNCATED', where: 'count' },
  ],
  [
    'a chunk after the end marker is a DECODE error',
    ndjson,
    [payloadChunk(line(1)), end(1), payloadChunk(line(2)), invokeComplete()],
    [1],
    { code: 'DECODE', kind: 'data-after-end' },
  ],
  [
    'a wrong message checksum is CORRUPT, and nothing after it is handed out',
    text,
    [payloadChunk('a'), flip(payloadChunk('b'), payloadChunk('b').length - 1), payloadChunk('c'), invokeComplete()],
    'a',
    { code: 'CORRUPT', kind: 'message-crc', byteOffset: payloadChunk('a').length, chunks: 1 },
  ],
  [
    'a wrong prelude checksum is CORRUPT',
    text,
    [payloadChunk('a'), flip(payloadChunk('b'), 8), invokeComplete()],
    'a',
    { code: 'CORRUPT', kind: 'prelude-crc' },
  ],
  [
    'an InvokeComplete that is not JSON is CORRUPT',
    text,
    [payloadChunk('a'), event('InvokeComplete', '{"ErrorCode":')],
    'a',
    { code: 'CORRUPT', kind: 'invoke-complete' },
  ],
  [
    'an error frame is a STREAM_EXCEPTION',
    text,
    [payloadChunk('a'), errorFrame('InternalServerError', 'x')],
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
    [
      payloadChunk('a'),
      exceptionFrame('TooManyRequestsException', { message: 'slow', Reason: 'CallerRateLimitExceeded' }),
    ],
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
    [exceptionFrame('TooManyRequestsException', { message: 'slow' })],
    [],
    { code: 'STREAM_EXCEPTION', phase: 'before-first-byte' },
  ],
  [
    'a connection that is reset between frames is a TRANSPORT error',
    text,
    [payloadChunk('a')],
    'a',
    { code: 'TRANSPORT', systemCode: 'ECONNRESET', phase: 'streaming' },
    'reset',
  ],
  [
    'a connection that is reset in a frame is a TRANSPORT error',
    text,
    [payloadChunk('a'), payloadChunk('b').subarray(0, 20)],
    'a',
    { code: 'TRANSPORT', systemCode: 'ECONNRESET' },
    'reset',
  ],
  [
    'a connection that ends without the last HTTP chunk is a TRANSPORT error',
    text,
    [payloadChunk('a')],
    'a',
    { code: 'TRANSPORT', systemCode: 'ECONNRESET' },
    'no-last-chunk',
  ],
  [
    'a connection that is reset before the first frame is a TRANSPORT error and not a second request',
    text,
    [],
    [],
    { code: 'TRANSPORT', systemCode: 'ECONNRESET', phase: 'before-first-byte' },
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
    wire.answer(stream([payloadChunk(payload), invokeComplete()], { size }));
    const { chunks } = await call(wire, bytes);
    expect(Buffer.compare(Buffer.concat(chunks as Uint8Array[]), payload)).toBe(0);
  });
});

test('three frames that arrive byte by byte give the same at every cut', async () => {
  const frames = Buffer.concat([payloadChunk('he'), payloadChunk('llo'), invokeComplete()]);
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
