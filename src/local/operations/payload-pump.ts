/** Moves the body of a function to the caller, at the pace of the caller. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  CAPPED_RESPONSE_BYTES_PER_SECOND,
  STREAMED_RESPONSE_MAX_BYTES,
  UNCAPPED_RESPONSE_BYTES,
} from '../../wire/limits';
import { realMs } from '../clock';
import { Coalescer } from './coalescer';
import type { Fault, InvocationOptions } from './invocation-options';
import { Rechunker } from './rechunker';

export interface PumpOptions {
  readonly fault: Fault;
  readonly invocations: Pick<InvocationOptions, 'capBandwidth' | 'clock' | 'coalescing' | 'rechunk'>;
  /** What goes onto the wire for a piece; nothing is written for an empty result. */
  readonly encode: (piece: Uint8Array) => Uint8Array;
  /** Told of each piece that is sent, before it is encoded. */
  readonly onPiece?: ((piece: Uint8Array) => void) | undefined;
  /** Ends the response with an error in the middle of it. */
  readonly raise: () => void;
}

/** Measured on AWS: one byte more than the quota arrives, the rest is dropped and the stream ends as if complete. */
const MAX_BYTES = STREAMED_RESPONSE_MAX_BYTES + 1;

/**
 * Resolves when the body is over: `ended` leaves the response open for `InvokeComplete`, `given-up` means that there is
 * nobody to send it to. A caller that leaves does not stop the function: the rest of the body is read and dropped.
 */
export function pumpPayload(
  body: IncomingMessage,
  response: ServerResponse,
  options: PumpOptions,
): Promise<'ended' | 'given-up'> {
  return new Promise((resolve) => {
    const pump = new PayloadPump(body, response, options);
    const pieces = piecesOf(options, (piece) => pump.write(piece));
    body.on('data', (piece: Buffer) => pieces.push(piece));
    // Destroyed with its process; the result of the invocation tells why.
    body.on('error', () => undefined);
    body.on('close', () => {
      pieces.flush();
      resolve(pump.open ? 'ended' : 'given-up');
    });
    response.on('drain', () => pump.resume());
    response.on('close', () => pump.leave());
    pump.checkFault();
  });
}

interface Pieces {
  push(piece: Uint8Array): void;
  flush(): void;
}

/** Writes as the handler makes them, or as networks and AWS make them. */
function piecesOf({ fault, invocations }: PumpOptions, emit: (piece: Uint8Array) => void): Pieces {
  const { rechunk = invocations.rechunk } = fault;
  if (rechunk !== undefined) return new Rechunker(rechunk.seed, emit);
  return invocations.coalescing === true ? new Coalescer(emit) : { push: emit, flush: () => undefined };
}

class PayloadPump {
  /** Whether anybody still listens; a caller may leave before the function begins. */
  public open: boolean;
  private sent = 0;
  /** When the bandwidth lets the next piece go. */
  private freeAt = 0;
  private ahead: NodeJS.Timeout | undefined;

  public constructor(
    private readonly body: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly options: PumpOptions,
  ) {
    this.open = !response.destroyed;
  }

  public write(payload: Uint8Array): void {
    if (!this.open) return;
    const room = Math.min(MAX_BYTES, this.faultAt()) - this.sent;
    const piece = payload.length > room ? payload.subarray(0, room) : payload;
    if (piece.length === 0) return;
    this.sent += piece.length;
    this.options.onPiece?.(piece);
    // One write per frame and never cork: Node 22 and 24 may send the end before corked data.
    const encoded = this.options.encode(piece);
    if (encoded.length > 0 && !this.response.write(encoded)) this.body.pause();
    if (this.options.invocations.capBandwidth === true) this.slowDown(piece.length);
    this.checkFault();
  }

  /** The caller has read; the bandwidth may still ask for patience. */
  public resume(): void {
    if (this.ahead === undefined) this.body.resume();
  }

  /** The caller has left, and what the function still writes is read as fast as it comes. */
  public leave(): void {
    this.open = false;
    clearTimeout(this.ahead);
    this.body.resume();
  }

  /** A stream that was silent for a while is no faster after that. */
  private slowDown(bytes: number): void {
    const capped = Math.min(bytes, this.sent - UNCAPPED_RESPONSE_BYTES);
    if (capped <= 0) return;
    const now = performance.now();
    const takesMs = realMs(this.options.invocations, (capped / CAPPED_RESPONSE_BYTES_PER_SECOND) * 1_000);
    this.freeAt = Math.max(this.freeAt, now) + takesMs;
    const aheadMs = this.freeAt - now;
    if (aheadMs < 1) return;
    this.body.pause();
    clearTimeout(this.ahead);
    this.ahead = setTimeout(() => {
      this.ahead = undefined;
      if (!this.response.writableNeedDrain) this.body.resume();
    }, aheadMs);
  }

  /** Ends the response in the way the fault asks for, once its place is reached. */
  public checkFault(): void {
    if (!this.open || this.sent < this.faultAt()) return;
    this.leave();
    const { disconnectAfterBytes, exceptionAfterBytes } = this.options.fault;
    if (this.sent === disconnectAfterBytes) {
      // An empty write calls back when everything before it has reached the socket.
      this.response.write('', () => this.response.socket?.resetAndDestroy());
    } else if (this.sent === exceptionAfterBytes) {
      this.options.raise();
    } else {
      this.response.end();
    }
  }

  private faultAt(): number {
    const { disconnectAfterBytes, exceptionAfterBytes, truncateAfterBytes } = this.options.fault;
    const none = Number.POSITIVE_INFINITY;
    return Math.min(disconnectAfterBytes ?? none, exceptionAfterBytes ?? none, truncateAfterBytes ?? none);
  }
}
