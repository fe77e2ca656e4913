/** Hands a stream on as a Node.js `Readable`. */
import { Readable } from 'node:stream';

/**
 * Pulls from `iterator` as the stream is read; destroying it leaves the iteration.
 * @param refuse the error for a chunk that such a stream cannot carry: null, which is its end
 */
export function toNodeReadable<T>(
  iterator: AsyncIterator<T, undefined>,
  objectMode: boolean,
  refuse: () => Error,
): Readable {
  return new Readable({
    objectMode,
    highWaterMark: objectMode ? 1 : undefined,
    read() {
      const onStep = ({ done, value }: IteratorResult<T, undefined>) => {
        if (done) this.push(null);
        else if (value === null || value === undefined) this.destroy(refuse());
        else this.push(value);
      };
      // `push` calls whoever reads, who may throw: a pipeline into a file does for a chunk that is no bytes.
      iterator
        .next()
        .then(onStep)
        .catch((error) => this.destroy(error));
    },
    destroy(error, callback) {
      Promise.resolve(iterator.return?.()).then(
        () => callback(error),
        () => callback(error),
      );
    },
  });
}
