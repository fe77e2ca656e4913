/**
 * Lets an HTTP body end well only where it is whole. A function that crashes may end its response cleanly, and stock clients
 * take that for the end: measured, 47 of 50 partial answers.
 */
import { SSE_END_MARK } from '../../wire/sse-end-mark';
import { mediaType } from '../errors/refusal';
import { StreamError } from '../errors/stream-error';

/** What the head of a response promises of its body. */
export interface BodyPromise {
  readonly contentType: string | null | undefined;
  /** Length in bytes, where the function gave one. */
  readonly length: string | null | undefined;
}

/** The end marker of a contract of format `sse`, which no other event can look like. */
const CONTRACT_END = 'event: $end\n';
const CARRIED_CHARACTERS = Math.max(SSE_END_MARK.length, CONTRACT_END.length + 1);

/**
 * `body`, which errors with `TRUNCATED` instead of ending where it is not whole: server-sent events without the end mark of
 * `webHandler` or a contract, other bodies shorter than promised. What neither marks nor measures its end is passed on.
 */
export function wholeBody(body: ReadableStream<Uint8Array>, promise: BodyPromise): ReadableStream<Uint8Array> {
  const check = mediaType(promise.contentType) === 'text/event-stream' ? new EndMark() : lengthOf(promise.length);
  if (check === undefined) return body;
  let bytes = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        bytes += piece.length;
        check.see(piece);
        controller.enqueue(piece);
      },
      flush() {
        const problem = check.problem();
        if (problem === undefined) return;
        const message = `the response ended before it was complete: ${problem}; the function crashed or timed out, look at its log`;
        const facts = { phase: 'end', invoked: 'yes', retryable: true, payloadBytes: bytes } as const;
        throw StreamError.of('TRUNCATED', message, { where: 'marker' }, facts);
      },
    }),
  );
}

class EndMark {
  /** An event may begin where the body does. */
  private tail = '\n';
  private isContractEnd = false;

  public see(piece: Uint8Array): void {
    // Marks are ASCII, and bytes beyond it become characters that no mark has.
    const text = this.tail + new TextDecoder('latin1').decode(piece);
    this.isContractEnd ||= text.includes(`\n${CONTRACT_END}`);
    this.tail = text.slice(-CARRIED_CHARACTERS);
  }

  public problem(): string | undefined {
    const isWhole = this.tail.endsWith(SSE_END_MARK) || (this.isContractEnd && this.tail.endsWith('\n\n'));
    return isWhole ? undefined : `its events lack the end mark '${SSE_END_MARK.trim()}'`;
  }
}

function lengthOf(
  promised: string | null | undefined,
): { see(piece: Uint8Array): void; problem(): string | undefined } | undefined {
  const length = /^\d+$/.test(promised ?? '') ? Number(promised) : undefined;
  if (length === undefined) return undefined;
  let seen = 0;
  return {
    see: (piece) => {
      seen += piece.length;
    },
    problem: () => (seen < length ? `${seen} of ${length} bytes have come` : undefined),
  };
}
