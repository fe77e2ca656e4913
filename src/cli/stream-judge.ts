/**
 * Reads a payload without knowing its contract: finds the chunks by the content type, and says at the end whether the
 * stream is whole and what tells so. See docs/stream-protocol.md.
 */
import { type ChunkDecoder, createChunkDecoder, type StreamItem } from '../contract/chunk-decoder';
import { streamContract } from '../contract/stream-contract';
import { SSE_END_MARK } from '../wire/sse-end-mark';
import type { MarkedFormat, StreamFailure } from '../wire/stream-control';

/** How a stream ended. */
export type Verdict =
  | {
      readonly isWhole: true;
      /** The contract's end marker; the end mark of a web handler; or nothing but what the platform and the log say. */
      readonly by: 'end-marker' | 'end-mark' | 'platform';
      /** What the handler returned, with the end marker. */
      readonly final?: unknown;
    }
  | { readonly isWhole: false; readonly problem: string; readonly failure?: StreamFailure };

const FORMATS: readonly (readonly [type: RegExp, format: MarkedFormat])[] = [
  [/^text\/event-stream\b/i, 'sse'],
  [/^application\/(x-)?(ndjson|jsonlines|jsonl)\b/i, 'ndjson'],
];

export class StreamJudge {
  /** What the chunks are; undefined where only the payload's pieces are known. */
  public readonly format: MarkedFormat | undefined;
  private readonly decoder: ChunkDecoder | undefined;
  private last: Exclude<StreamItem, { kind: 'chunk' }> | undefined;
  /** The last characters. Marks are ASCII, and bytes beyond it become characters that no mark has. */
  private tail = '';

  public constructor(contentType: string | undefined) {
    this.format = FORMATS.find(([type]) => type.test(contentType ?? ''))?.[1];
    if (this.format !== undefined) this.decoder = createChunkDecoder(streamContract({ format: this.format }));
  }

  /** Chunks seen so far; undefined where there is no telling. */
  public get chunks(): number | undefined {
    return this.decoder?.chunks;
  }

  /** The error that the handler itself wrote into the stream. */
  public get failure(): StreamFailure | undefined {
    return this.last?.kind === 'error' ? this.last.failure : undefined;
  }

  /** The chunks that end in `piece`. */
  public see(piece: Uint8Array): readonly unknown[] {
    this.tail = (this.tail + Buffer.from(piece).toString('latin1')).slice(-SSE_END_MARK.length);
    return this.take(this.decoder?.push(piece) ?? []);
  }

  /** To be asked once, when the payload has ended as the platform says it should. */
  public verdict(): Verdict {
    this.take(this.decoder?.flush() ?? []);
    const { last } = this;
    if (last?.kind === 'error') return { isWhole: false, problem: wordsOf(last.failure), failure: last.failure };
    if (last?.kind === 'failure') return { isWhole: false, problem: last.error.message };
    if (last?.kind === 'end') return { isWhole: true, by: 'end-marker', final: last.final };
    const isMarked = this.format === 'sse' && this.tail === SSE_END_MARK;
    return { isWhole: true, by: isMarked ? 'end-mark' : 'platform' };
  }

  private take(items: readonly StreamItem[]): readonly unknown[] {
    const values: unknown[] = [];
    for (const item of items) {
      if (item.kind === 'chunk') values.push(item.value);
      else this.last = item;
    }
    return values;
  }
}

/** As the invoker words it. */
export function wordsOf({ type, message }: StreamFailure): string {
  return message === '' ? type : `${type}: ${message}`;
}
