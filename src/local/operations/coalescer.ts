/**
 * Holds back small writes, as users of AWS see now and then: a piece below some 16 KB arrives with the next one
 * (https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/issues/94 and /102). Whoever lets a client wait for a
 * small piece before the function goes on learns here that it may never come.
 */

/** From which size on pieces are sent at once. */
const SMALL_BYTES = 16 * 1024;

export class Coalescer {
  private held: Uint8Array | undefined;

  public constructor(private readonly emit: (piece: Uint8Array) => void) {}

  public push(payload: Uint8Array): void {
    const { held } = this;
    this.held = undefined;
    if (held !== undefined) this.emit(Buffer.concat([held, payload]));
    else if (payload.length >= SMALL_BYTES) this.emit(payload);
    else this.held = payload;
  }

  /** The end of the stream. */
  public flush(): void {
    if (this.held !== undefined) this.emit(this.held);
    this.held = undefined;
  }
}
