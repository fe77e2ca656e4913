/** A stream read twice, by `tee()`. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import { type StreamInvokerOptions, type StreamTimings, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { encodePrelude } from '../../src/wire/http-prelude';
import { exceptionFrame, invokeComplete, payloadChunk, readToEnd, rejection } from './read-stream';
import { endless, stream, until, useWireServer } from './wire-server';

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
  wire.answer(stream([...Array.from({ length: total }, () => payloadChunk('x'.repeat(1_000))), invokeComplete()]));
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
  wire.answer(
    stream([...Array.from({ length: 100 }, () => payloadChunk('x'.repeat(1_000))), invokeComplete()], { size: 10_000 }),
  );
  const [left, right] = (await openText()).tee(2_000);
  const iterator = left[Symbol.asyncIterator]();
  await iterator.next();
  left.abort('enough');
  expect(await rejection(iterator.next())).toMatchObject({ code: 'ABORTED', cause: 'enough' });
  expect((await right.text()).length).toBe(100_000);
});

test('a branch that nobody reads ends the other by its idle clock, not by a hang', async () => {
  wire.answer(endless(frame));
  const [left, right] = (await openText({ timeouts: { idleMs: 60, headersMs: 60_000 } })).tee(20_000);
  expect(await readToEnd(left)).toMatchObject({ error: { code: 'TIMEOUT', kind: 'idle' } });
  right.abort();
  await until(() => wire.dropped === 1);
});

test('aborting the call aborts both branches, and leaving both closes the connection', async () => {
  wire.answer(endless(frame));
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
    payloadChunk('b').map((byte, i, all) => (i === all.length - 1 ? byte ^ 1 : byte)),
    { code: 'CORRUPT', kind: 'message-crc' },
  ],
  [
    'an exception of the service',
    exceptionFrame('TooManyRequestsException', { message: 'slow' }),
    { code: 'STREAM_EXCEPTION' },
  ],
])('both branches get the failure of %s, and nothing after it', async (_, broken, expected) => {
  wire.answer(stream([payloadChunk('a'), broken, payloadChunk('c'), invokeComplete()]));
  const [left, right] = (await openText()).tee();
  const reading = { chunks: ['a'], error: { ...expected, chunks: 1, payloadBytes: 1 } };
  expect(await Promise.all([readToEnd(left), readToEnd(right)])).toMatchObject([reading, reading]);
});

test.each([0, -1, Number.NaN])(
  'room of %s bytes ahead is refused, and the stream stays readable',
  async (maxAheadBytes) => {
    wire.answer(stream([payloadChunk('a'), invokeComplete()]));
    const response = await openText();
    expect(() => response.tee(maxAheadBytes)).toThrow(
      `tee(): maxAheadBytes must be a number of bytes, 1 or more, got ${maxAheadBytes}`,
    );
    expect(await response.text()).toBe('a');
  },
);

describe('the hook onEnd', () => {
  type End = { readonly metrics: StreamTimings; readonly error?: unknown };
  const ends: End[] = [];
  const hooks = { onEnd: (end: End) => void ends.push(end) };
  beforeEach(() => {
    ends.length = 0;
  });

  test('is told once, of what was read', async () => {
    wire.answer(three);
    const branches = (await openNdjson({ hooks })).tee();
    await Promise.all(branches.map((branch) => branch.collect()));
    expect(ends).toMatchObject([{ error: undefined, metrics: { chunks: 2, payloadPieces: 3 } }]);
  });

  test('is told of the branch that is whole, whichever settles first', async () => {
    for (const order of [0, 1] as const) {
      ends.length = 0;
      wire.answer(three);
      const branches = (await openNdjson({ hooks })).tee();
      if (order === 0) branches[0].abort();
      await branches[1].collect();
      if (order === 1) branches[0].abort();
      await until(() => ends.length === 1);
      expect(ends).toMatchObject([{ error: undefined, metrics: { chunks: 2 } }]);
    }
  });

  test('is told of the first failure where both fail', async () => {
    wire.answer(stream([payloadChunk('1\n')]));
    const [left, right] = (await openNdjson({ hooks })).tee();
    left.abort('enough');
    await rejection(right.collect());
    await until(() => ends.length === 1);
    expect(ends).toMatchObject([{ error: { code: 'ABORTED' }, metrics: { payloadBytes: 2 } }]);
  });
});

describe('a stream that begins with an HTTP prelude', () => {
  const prelude = { statusCode: 201, headers: { a: 'b' } };
  const head = encodePrelude(prelude);
  const HEADERS = { 'x-amzn-remapped-content-type': 'application/vnd.awslambda.http-integration-response' };

  test.each(['before', 'after'])(
    'is whole in both branches where somebody asks for the prelude %s the split',
    async (when) => {
      const first = Buffer.concat([head.subarray(5), Buffer.from('first,')]);
      const frames = [payloadChunk(head.subarray(0, 5)), payloadChunk(first), payloadChunk('second'), invokeComplete()];
      wire.answer(stream(frames, { headers: HEADERS }));
      const response = await openText();
      if (when === 'before') expect(await response.http).toEqual(prelude);
      const [left, right] = response.tee();
      if (when === 'after') expect(await response.http).toEqual(prelude);
      expect(await Promise.all([left.text(), right.text()])).toEqual(['first,second', 'first,second']);
      expect(await Promise.all([response, left, right].map(({ http }) => http))).toEqual([prelude, prelude, prelude]);
    },
  );

  test.each([0, 1])('tells it to whoever asked before the split and still waits, %i turns later', async (turns) => {
    let goOn = (): void => undefined;
    wire.answer((response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream', ...HEADERS });
      response.write(payloadChunk(head.subarray(0, 5)));
      goOn = () => {
        response.write(payloadChunk(head.subarray(5)));
        response.write(payloadChunk('body'));
        response.end(invokeComplete());
      };
    });
    const response = await openText();
    const asked = response.http;
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    const [left, right] = response.tee();
    const bodies = Promise.all([left.text(), right.text()]);
    goOn();
    expect(await asked).toEqual(prelude);
    expect(await bodies).toEqual(['body', 'body']);
  });
});
