/**
 * Collects what is written within one turn of the event loop into one write. Node.js would send it together anyway, and
 * a write costs eight times what a chunk does.
 */
import type { ResponseStream } from './lambda-runtime';

export interface BatchedOutput {
  readonly sent: { bytes: number; firstByteAt?: number };
  /** Writes at the end of this turn, or at once: bytes, and text that fills a batch. */
  write(data: string | Uint8Array): void;
  /** Writes what was collected. Half a surrogate pair at the end waits for its other half, unless nothing follows. */
  flush(isLast?: boolean): void;
  /** Settles when there is room for more; rejects when the stream failed. */
  ready(): Promise<void>;
}

/** Characters collected before they are written within a turn of the event loop. */
const BATCH_LENGTH = 16_384;

/** Longest run of writes without a turn of the event loop, in milliseconds. */
const TURN_MS = 8;

export function batchedOutput(stream: ResponseStream): BatchedOutput {
  const sent: BatchedOutput['sent'] = { bytes: 0 };
  let batch = '';
  let isScheduled = false;
  let room: Promise<void> | undefined;
  let turnedAt = 0;

  const send = (bytes: Uint8Array): void => {
    if (bytes.length === 0) return;
    sent.firstByteAt ??= Date.now();
    sent.bytes += bytes.length;
    room = new Promise((resolve, reject) => {
      // Not the drain event: a stream that fails never drains, but it always calls back.
      if (stream.write(bytes, (error) => (error ? reject(error) : resolve()))) resolve();
    });
    // Whoever waits for room next gets the error; after the last write the runtime sees and reports it.
    room.catch(() => undefined);
  };
  const flush = (isLast = false): void => {
    isScheduled = false;
    const half = !isLast && /[\ud800-\udbff]$/.test(batch) ? batch.slice(-1) : '';
    send(Buffer.from(batch.slice(0, batch.length - half.length)));
    batch = half;
  };
  return {
    sent,
    write: (data) => {
      if (typeof data !== 'string') return send(data);
      batch += data;
      if (batch.length >= BATCH_LENGTH) return flush();
      if (!isScheduled) process.nextTick(flush);
      isScheduled = true;
    },
    flush,
    ready: async () => {
      await room;
      // Node.js sends on the next turn of the event loop, and the deadline's timer needs one too: a producer that
      // never waits would starve both.
      if (Date.now() - turnedAt < TURN_MS) return;
      await new Promise(setImmediate);
      turnedAt = Date.now();
    },
  };
}
