/** A response stream in Node.js: with `toNodeReadable()`. */
import type { Readable } from 'node:stream';
import { toNodeReadable } from './node-readable';
import { ResponseStream, type StreamParts } from './response-stream';

export class InvokedStream<Chunk = unknown, Final = unknown> extends ResponseStream<Chunk, Final> {
  /**
   * The chunks as a Node.js stream: of bytes for format `bytes` and `text`, of objects for `ndjson` and `sse`. Destroying
   * it closes the connection; a stream that is not whole destroys it with its error.
   */
  public toNodeReadable(): Readable {
    const { format } = this.parts.contract;
    return toNodeReadable(this[Symbol.asyncIterator](), format === 'ndjson' || format === 'sse');
  }

  /** See {@link ResponseStream.tee}. */
  public override tee(maxAheadBytes?: number): [InvokedStream<Chunk, Final>, InvokedStream<Chunk, Final>] {
    return super.tee(maxAheadBytes) as [InvokedStream<Chunk, Final>, InvokedStream<Chunk, Final>];
  }

  protected override again(parts: StreamParts): InvokedStream<Chunk, Final> {
    return new InvokedStream(parts);
  }
}
