/** A response stream in Node.js: with `toNodeReadable()`. */
import type { Readable } from 'node:stream';
import { ResponseStream } from '../stream/reading/response-stream';
import type { StreamParts } from '../stream/reading/stream-parts';
import { toNodeReadable } from './node-readable';

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
