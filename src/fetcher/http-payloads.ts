/** Reads an HTTP response body as payload. HTTP has no `InvokeComplete`: the body's proper end is all that it says. */
import type { ByteSource } from '../invoker/byte-source';
import type { PayloadEnd, PayloadSource } from '../invoker/payload-source';

/**
 * Time the other side has to end a body after the contract's end marker. A connection that is kept open beyond it, as
 * some doors do, is closed: nothing is missing.
 */
const END_GRACE_MS = 250;

export class HttpPayloads implements PayloadSource {
  public end: PayloadEnd | undefined;
  private done = false;
  private grace: ReturnType<typeof setTimeout> | undefined;

  /** @param onDone called once, when the connection is not needed any more */
  public constructor(
    private readonly bytes: ByteSource,
    private readonly onDone: () => void,
  ) {}

  public take(): Uint8Array | undefined {
    const bytes = this.bytes.take();
    if (bytes === undefined && this.bytes.ended && !this.done) {
      this.end = { outcome: 'complete' };
      this.finish();
    }
    return bytes;
  }

  public wait(): Promise<void> {
    return this.bytes.wait();
  }

  public close(): void {
    this.bytes.close();
    this.finish();
  }

  /** A pending wait ends when the body is closed, and then it has ended. */
  public contentEnded(): void {
    if (!this.done) this.grace ??= setTimeout(() => this.bytes.close(), END_GRACE_MS);
  }

  private finish(): void {
    if (this.done) return;
    this.done = true;
    clearTimeout(this.grace);
    this.onDone();
  }
}
