/**
 * Collects what is written within one turn of the event loop into one write. Node.js would send it together anyway, and
 * a write costs eight times what a chunk does.
 */
import type { ResponseWriter } from '../wire/lambda-runtime';
import type { Measuring } from './stream-metrics';

/** Characters collected before they are written within a turn of the event loop. */
const BATCH_LENGTH = 16_384;

/** Longest run of writes without a turn of the event loop, in milliseconds. */
const TURN_MS = 8;

export type BatchedOutput = readonly [
  /** Writes at the end of this turn, or at once: bytes, text that fills a batch, and what is the last. */
  write: (data: string | Uint8Array, isLast?: boolean) => void,
  /** Settles when there is room for more; rejects when the stream failed. */
  ready: () => Promise<void>,
];

export function batchedOutput(stream: ResponseWriter, measured: Measuring): BatchedOutput {
  let batch = '';
  let room: Promise<void> | undefined;
  let turnedAt = 0;

  const send = (bytes: Uint8Array): void => {
    if (!bytes.length) return;
    measured.firstByteAt ??= Date.now();
    measured.bytes += bytes.length;
    room = new Promise((resolve, reject) => {
      // Not the drain event: a stream that fails never drains, but it always calls back.
      if (stream.write(bytes, (error) => (error ? reject(error) : resolve()))) resolve();
    });
    // Whoever waits for room next gets the error; after the last write the runtime sees and reports it.
    room.catch(() => undefined);
  };
  /** Half a surrogate pair at the end waits for its other half, unless nothing follows. */
  const flush = (isLast?: boolean): void => {
    const whole = isLast ? batch : batch.replace(/[\ud800-\udbff]$/, '');
    batch = batch.slice(whole.length);
    send(Buffer.from(whole));
  };
  return [
    (data, isLast) => {
      if (typeof data !== 'string') return send(data);
      // Else a flush is on its way already; a single character may be a half that was left by the last one.
      if (batch.length < 2) process.nextTick(flush);
      batch += data;
      if (isLast || batch.length >= BATCH_LENGTH) flush(isLast);
    },
    async () => {
      await room;
      // Node.js sends on the next turn of the event loop, and the deadline's timer needs one too: a producer that
      // never waits would starve both.
      if (Date.now() - turnedAt >= TURN_MS) {
        await new Promise(setImmediate);
        turnedAt = Date.now();
      }
    },
  ];
}
