/** Reads an HTTP response body as payload. HTTP has no `InvokeComplete`: the body's proper end is all that it says. */
import type { ByteSource } from '../stream/body/byte-source';
import type { PayloadEnd, PayloadSource } from '../stream/reading/payload-source';

/**
 * Time the other side has to end a body after the contract's end marker. A connection that is kept open beyond it, as
 * some front ends do, is closed: nothing is missing.
 */
const END_GRACE_MS = 250;

export class HttpPayloads implements PayloadSource {
  public end: PayloadEnd | undefined;
  private grace: ReturnType<typeof setTimeout> | undefined;

  public constructor(private readonly bytes: ByteSource) {}

  public take(): Uint8Array | undefined {
    const bytes = this.bytes.take();
    if (bytes === undefined && this.bytes.ended) this.finish({ outcome: 'complete' });
    return bytes;
  }

  public wait(): Promise<void> {
    return this.bytes.wait();
  }

  /** Whoever reads on after that, against all rules, must not take the silence for a proper end. */
  public close(): void {
    this.finish({ outcome: 'truncated', where: 'boundary' });
    this.bytes.close();
  }

  /** A pending wait ends when the body is closed, and then it has ended. */
  public contentEnded(): void {
    if (this.end === undefined) this.grace ??= setTimeout(() => this.bytes.close(), END_GRACE_MS);
  }

  private finish(end: PayloadEnd): void {
    this.end ??= end;
    clearTimeout(this.grace);
  }
}
