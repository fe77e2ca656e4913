/** Reads a web `ReadableStream` (fetch, the SDK's fetch handler) as a {@link ByteSource}. */
import type { ByteSource } from './byte-source';

/** What is needed of a `ReadableStream`, so that any implementation of it will do. */
export interface WebBodyStream {
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array }>;
    cancel(reason?: unknown): Promise<void>;
  };
}

export class WebBody implements ByteSource {
  public ended = false;
  private readonly reader: ReturnType<WebBodyStream['getReader']>;
  private next: Uint8Array | undefined;

  public constructor(body: WebBodyStream) {
    this.reader = body.getReader();
  }

  public take(): Uint8Array | undefined {
    const { next } = this;
    this.next = undefined;
    return next;
  }

  public async wait(): Promise<void> {
    if (this.next !== undefined || this.ended) return;
    const { done, value } = await this.reader.read();
    if (done) this.ended = true;
    else this.next = value;
  }

  public release(): void {
    this.close();
  }

  public close(): void {
    this.ended = true;
    this.next = undefined;
    // A body that already broke rejects here; its error has been reported by `wait`.
    this.reader.cancel().catch(() => undefined);
  }
}
