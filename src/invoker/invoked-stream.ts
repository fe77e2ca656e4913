/** A response stream in Node.js: with `toNodeReadable()`. */
import { Readable } from 'node:stream';
import { ResponseStream, type StreamParts } from '../stream/reading/response-stream';

export class InvokedStream<Chunk = unknown, Final = unknown> extends ResponseStream<Chunk, Final> {
  /**
   * The chunks as a Node.js stream: of bytes for format `bytes` and `text`, of objects for `ndjson` and `sse`. Destroying
   * it closes the connection; a stream that is not whole destroys it with its error. So does a chunk that is null or
   * undefined: a Node.js stream takes it for its end.
   */
  public toNodeReadable(): Readable {
    const { contract, progress } = this.parts;
    const iterator = this[Symbol.asyncIterator]();
    return toNodeReadable(iterator, contract.format === 'ndjson' || contract.format === 'sse', () => {
      const message = `chunk ${progress.chunks - 1} is null or undefined, which ends a Node.js stream; iterate the stream, or use toReadableStream()`;
      return progress.error('DECODE', message, { kind: 'chunk-is-null' });
    });
  }

  /** See {@link ResponseStream.tee}. */
  public override tee(maxAheadBytes?: number): [InvokedStream<Chunk, Final>, InvokedStream<Chunk, Final>] {
    return super.tee(maxAheadBytes) as [InvokedStream<Chunk, Final>, InvokedStream<Chunk, Final>];
  }

  protected override again(parts: StreamParts): InvokedStream<Chunk, Final> {
    return new InvokedStream(parts);
  }
}

/**
 * Pulls from `iterator` as the stream is read; destroying it leaves the iteration.
 * @param refuse the error for a chunk that such a stream cannot carry: null, which is its end
 */
function toNodeReadable<T>(iterator: AsyncIterator<T, undefined>, objectMode: boolean, refuse: () => Error): Readable {
  return new Readable({
    objectMode,
    highWaterMark: objectMode ? 1 : undefined,
    read() {
      const onStep = ({ done, value }: IteratorResult<T, undefined>) => {
        if (done) this.push(null);
        else if (value === null || value === undefined) this.destroy(refuse());
        else this.push(value);
      };
      // `push` calls whoever reads, who may throw: a pipeline into a file does for a chunk that is not bytes.
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
