/** The payload of a response in pieces, and what the platform said at its end: what all front ends have in common. */
import type { StreamErrorCode, StreamErrorDetails } from '../errors/stream-error';

/** Read it by turns: take what is here, wait, take again, until `end` is known. After a failure it fails for ever. */
export interface PayloadSource {
  /** The next piece that is already here; undefined when there is none right now or the payload has ended. */
  take(): Uint8Array | undefined;
  /**
   * Resolves when `take()` may have something or `end` is known; rejects when the source broke.
   * @param onArrival told of bytes that came and did not suffice: the other side is slow, not silent
   */
  wait(onArrival?: () => void): Promise<void>;
  /** Known once all payload was taken. */
  readonly end: PayloadEnd | undefined;
  /** Nothing more is wanted: close the connection. */
  close(): void;
  /** The content itself said that it is complete, so what is left of the payload is its end, soon. */
  contentEnded?(): void;
}

/** Why a source cannot go on. The reader turns it into a {@link StreamError} with the facts of its stream. */
export class PayloadFailure<Code extends StreamErrorCode = StreamErrorCode> extends Error {
  public constructor(
    public readonly code: Code,
    message: string,
    public readonly details: StreamErrorDetails[Code],
    public override readonly cause?: unknown,
  ) {
    super(message);
  }
}

/** How the platform ended the response. */
export type PayloadEnd =
  | {
      readonly outcome: 'complete';
      readonly errorCode?: string;
      readonly errorDetails?: string;
      /** The decoded log tail. */
      readonly logTail?: string;
      /** What a local target adds about an invocation that went wrong. */
      readonly localNotes?: string;
    }
  /** The connection ended before the platform said that the response is complete. */
  | { readonly outcome: 'truncated'; readonly where: 'boundary' | 'frame' };
