/** What a response stream is made of, and what it gives at its end. */
import type { StreamContract } from '../../contract/stream-contract';
import type { InvalidUtf8 } from '../../wire/utf8-decoder';
import type { StreamError } from '../errors/stream-error';
import type { PayloadSource } from './payload-source';
import type { StreamTimeouts } from './stream-clock';
import type { StreamMetrics, StreamProgress } from './stream-progress';

/** What is known once a stream is whole. */
export interface StreamResult<Final> {
  /** What the handler returned. */
  readonly final: Final;
  readonly metrics: StreamMetrics;
  /** End of the function's log, where `logs: 'tail'` was set. */
  readonly logTail?: string;
  readonly requestId?: string;
  /** Version that ran, also where an alias was called. */
  readonly executedVersion?: string;
}

/** Everything a stream gives, at once. */
export interface CollectedStream<Chunk, Final> extends StreamResult<Final> {
  readonly chunks: readonly Chunk[];
}

/** How a stream is read. */
export interface ReadOptions {
  readonly timeouts?: StreamTimeouts;
  /**
   * Whether to check chunks and the final value against the contract's schemas. Without it values are parsed only: no
   * transforms, no defaults.
   * @default true
   */
  readonly validate?: boolean;
  /**
   * What to do with bytes of format `text` that are not UTF-8: raise `DECODE`, or put U+FFFD in their place.
   * @default 'fatal'
   */
  readonly invalidUtf8?: InvalidUtf8;
  /**
   * Most bytes of payload accepted; more is `RESPONSE_TOO_LARGE`.
   * @default 210_000_000, just above what Lambda can send
   */
  readonly maxResponseBytes?: number;
}

/** What the response headers said. */
export interface ResponseHead {
  readonly requestId?: string;
  readonly executedVersion?: string;
  /** Content type the function set. */
  readonly contentType?: string;
  /** Whether the payload begins with an HTTP prelude. */
  readonly hasPrelude: boolean;
}

/** @param progress of whoever has read the stream */
export type OnSettled = (progress: StreamProgress, error?: StreamError) => void;

/** What a response stream is made of. */
export interface StreamParts {
  readonly contract: StreamContract;
  readonly source: PayloadSource;
  readonly progress: StreamProgress;
  readonly head: ResponseHead;
  readonly read: ReadOptions;
  /** Whether the platform was asked for the log tail. */
  readonly hasLogTail?: boolean;
  /** Told once when the stream is whole, or with what failed; of a stream that was split, when both branches are settled. */
  readonly onSettled?: OnSettled;
}
