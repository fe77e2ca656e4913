/** Frames that are large and come slowly: the other side is not silent, so no clock of silence may end the stream. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import { type InvokedStream, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { invokeComplete, payloadChunk, readToEnd } from './read-stream';
import { type Answer, EVENT_STREAM_HEADERS, useWireServer } from './wire-server';

const bytes = streamContract({ format: 'bytes' });
const PAYLOAD_BYTES = 60_000;
const PIECES = 12;
const PIECE_GAP_MS = 100;
/** Longer than a gap, shorter than all of them together. */
const IDLE_MS = 900;

const wire = useWireServer();

/** When each piece of the frame was written. */
const written: number[] = [];

/** One frame in pieces with a pause before each; with `stopAfter` only so many of them, and then silence. */
function slowFrame(stopAfter = PIECES): Answer {
  return async (response) => {
    written.length = 0;
    response.writeHead(200, EVENT_STREAM_HEADERS).flushHeaders();
    const frame = payloadChunk(new Uint8Array(PAYLOAD_BYTES));
    const size = Math.ceil(frame.length / PIECES);
    for (let piece = 0; piece < stopAfter; piece++) {
      await new Promise((resolve) => setTimeout(resolve, PIECE_GAP_MS));
      written.push(performance.now());
      response.write(frame.subarray(piece * size, (piece + 1) * size));
    }
    if (stopAfter === PIECES) response.end(invokeComplete());
  };
}

function invoke() {
  const invoker = streamInvoker(bytes, {
    functionName: 'f',
    client: wire.client(),
    timeouts: { idleMs: IDLE_MS, headersMs: 60_000 },
  });
  return invoker.invoke({});
}

const length = (chunks: readonly unknown[]) => (chunks as Uint8Array[]).reduce((sum, { length }) => sum + length, 0);

test('a frame that takes longer than idleMs to arrive is whole, and the gaps are those between its pieces', async () => {
  wire.answer(slowFrame());
  const { chunks, result, error } = await readToEnd((await invoke()) as InvokedStream);
  expect(error).toBeUndefined();
  expect(length(chunks)).toBe(PAYLOAD_BYTES);
  expect(result?.metrics.totalMs).toBeGreaterThan(IDLE_MS);
  // Whatever the machine does between two of them, there are ten more gaps.
  const [first = Number.NaN, last = Number.NaN] = [written[0], written.at(-1)];
  expect(result?.metrics.maxGapMs).toBeLessThan(last - first);
});

test('both branches of a tee are patient', async () => {
  wire.answer(slowFrame());
  const branches = (await invoke()).tee();
  const read = await Promise.all(branches.map((branch) => readToEnd(branch as InvokedStream)));
  expect(read.map(({ error }) => error)).toEqual([undefined, undefined]);
  expect(read.map(({ chunks }) => length(chunks))).toEqual([PAYLOAD_BYTES, PAYLOAD_BYTES]);
});

test('silence inside of a frame is silence', async () => {
  wire.answer(slowFrame(3));
  const { chunks, error } = await readToEnd((await invoke()) as InvokedStream);
  expect(chunks).toEqual([]);
  expect(error).toMatchObject({ code: 'TIMEOUT', kind: 'idle', limitMs: IDLE_MS });
});
