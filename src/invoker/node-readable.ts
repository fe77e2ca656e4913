/** Hands a stream on as a Node.js `Readable`. */
import { Readable } from 'node:stream';

/** Pulls from `iterator` as the stream is read; destroying it leaves the iteration. */
export function toNodeReadable<T>(iterator: AsyncIterator<T, undefined>, objectMode: boolean): Readable {
  return new Readable({
    objectMode,
    highWaterMark: objectMode ? 1 : undefined,
    read() {
      iterator.next().then(
        (step) => this.push(step.done ? null : step.value),
        (error) => this.destroy(error),
      );
    },
    destroy(error, callback) {
      Promise.resolve(iterator.return?.()).then(
        () => callback(error),
        () => callback(error),
      );
    },
  });
}
