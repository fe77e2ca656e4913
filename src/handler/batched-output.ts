/**
 * Collects what is written within one turn of the event loop into one write. Node.js would send it together anyway, and
 * a write costs eight times what a chunk does.
 */
import type { ResponseWriter } from '../wire/lambda-runtime';
import type { Measuring } from './handler-options';

/** Characters collected before they are written within a turn of the event loop. */
const BATCH_LENGTH = 16_384;

/** Longest run of writes without a turn of the event loop, in milliseconds. */
const TURN_MS = 8;

export interface BatchedOutput {
  /** Writes text at the end of this turn, or once it fills a batch; bytes at once. */
  write(data: string | Uint8Array): void;
  /** Writes what is left, also half a character: nothing follows it. */
  finish(): void;
  /** Settles when there is room for more; rejects when the stream failed. */
  ready(): Promise<void>;
}

export function batchedOutput(stream: ResponseWriter, measured: Measuring): BatchedOutput {
  let batch = '';
  let isFlushDue = false;
  let room: Promise<void> | undefined;
  let turnedAt = 0;

  const send = (bytes: Uint8Array): void => {
    if (bytes.length === 0) return;
    measured.firstByteAt ??= Date.now();
    measured.bytes += bytes.length;
    room = new Promise((resolve, reject) => {
      // Not the drain event: a stream that fails never drains, but it always calls back.
      if (stream.write(bytes, (error) => (error ? reject(error) : resolve()))) resolve();
    });
    // Whoever waits for room next gets the error; after the last write the runtime sees and reports it.
    room.catch(() => undefined);
  };

  const flush = (): void => {
    isFlushDue = false;
    // Half a surrogate pair waits for its other half.
    const whole = batch.replace(/[\ud800-\udbff]$/, '');
    batch = batch.slice(whole.length);
    send(Buffer.from(whole));
  };

  return {
    write(data) {
      if (typeof data !== 'string') return send(data);
      batch += data;
      if (batch.length >= BATCH_LENGTH) return flush();
      if (!isFlushDue) process.nextTick(flush);
      isFlushDue = true;
    },
    finish() {
      const last = batch;
      batch = '';
      send(Buffer.from(last));
    },
    async ready() {
      await room;
      // Node.js sends on the next turn of the event loop, and the deadline's timer needs one too: a producer that
      // never waits would starve both.
      if (Date.now() - turnedAt < TURN_MS) return;
      await new Promise(setImmediate);
      turnedAt = Date.now();
    },
  };
}
