/** Reads an HTTP response body as payload. HTTP has no `InvokeComplete`: the body's proper end is all that it says. */
import type { ByteSource } from '../invoker/byte-source';
import type { PayloadEnd, PayloadSource } from '../invoker/payload-source';

export class HttpPayloads implements PayloadSource {
  public end: PayloadEnd | undefined;
  private done = false;

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

  private finish(): void {
    if (this.done) return;
    this.done = true;
    this.onDone();
  }
}
