/** Moves the body of a function to the caller, at the pace of the caller. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { STREAMED_RESPONSE_MAX_BYTES } from '../../wire/limits';
import type { DataPlaneOptions, Fault } from './data-plane';
import { Rechunker } from './rechunker';

export interface PumpOptions {
  readonly fault: Fault;
  readonly rechunk: DataPlaneOptions['rechunk'];
  /** What goes onto the wire for a piece; nothing is written for an empty result. */
  readonly encode: (piece: Uint8Array) => Uint8Array;
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
    const rechunker = options.rechunk && new Rechunker(options.rechunk.seed, (piece) => pump.write(piece));
    body.on('data', (piece: Buffer) => {
      if (rechunker === undefined) pump.write(piece);
      else rechunker.push(piece);
    });
    // Destroyed with its process; the result of the invocation tells why.
    body.on('error', () => undefined);
    body.on('close', () => {
      rechunker?.flush();
      resolve(pump.open ? 'ended' : 'given-up');
    });
    response.on('drain', () => body.resume());
    response.on('close', () => {
      pump.open = false;
      body.resume();
    });
    pump.checkFault();
  });
}

class PayloadPump {
  /** Whether anybody still listens; a caller may leave before the function begins. */
  open: boolean;
  private sent = 0;

  constructor(
    private readonly body: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly options: PumpOptions,
  ) {
    this.open = !response.destroyed;
  }

  write(payload: Uint8Array): void {
    if (!this.open) return;
    const room = Math.min(MAX_BYTES, this.faultAt()) - this.sent;
    const piece = payload.length > room ? payload.subarray(0, room) : payload;
    if (piece.length === 0) return;
    this.sent += piece.length;
    // One write per frame and never cork: Node 22 and 24 may send the end before corked data.
    const encoded = this.options.encode(piece);
    if (encoded.length > 0 && !this.response.write(encoded)) this.body.pause();
    this.checkFault();
  }

  /** Ends the response in the way the fault asks for, once its place is reached. */
  checkFault(): void {
    if (!this.open || this.sent < this.faultAt()) return;
    this.open = false;
    this.body.resume();
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
