/** Reads a web `ReadableStream` (fetch, the SDK's fetch handler), or what stands for it, as a {@link ByteSource}. */
import type { ByteSource } from './byte-source';

/** What is needed of a `ReadableStream`, so that any implementation of it will do. */
export interface WebBodyStream {
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<void>;
  };
}

/** Reads ahead of its reader up to a bound, so that pieces that are here are taken without a promise each. */
export class WebBody implements ByteSource {
  private readonly reader: ReturnType<WebBodyStream['getReader']>;
  private queue: Uint8Array[] = [];
  private queuedBytes = 0;
  private finished = false;
  private failure: { readonly cause: unknown } | undefined;
  private reading: Promise<void> | undefined;

  /** @param highWaterMark bytes kept ahead of the reader before no more is asked for */
  public constructor(
    body: WebBodyStream,
    private readonly highWaterMark: number,
  ) {
    this.reader = body.getReader();
  }

  public get ended(): boolean {
    return this.finished && this.queue.length === 0;
  }

  public take(): Uint8Array | undefined {
    const next = this.queue.shift();
    if (next === undefined) return undefined;
    this.queuedBytes -= next.length;
    this.readAhead();
    return next;
  }

  public async wait(): Promise<void> {
    while (this.queue.length === 0 && !this.finished) {
      if (this.failure !== undefined) throw this.failure.cause;
      this.readAhead();
      await this.reading;
    }
  }

  public release(): void {
    this.close();
  }

  public close(): void {
    this.finished = true;
    this.queue = [];
    // A body that already broke rejects here; its error has been reported by `wait`.
    this.reader.cancel().catch(() => undefined);
  }

  private readAhead(): void {
    if (this.reading !== undefined || this.finished || this.failure !== undefined) return;
    if (this.queuedBytes >= this.highWaterMark && this.queue.length > 0) return;
    this.reading = this.reader.read().then(
      ({ done, value }) => {
        this.reading = undefined;
        if (done) this.finished = true;
        else if (value !== undefined && !this.finished) this.put(value);
      },
      (cause: unknown) => {
        this.reading = undefined;
        this.failure = { cause };
      },
    );
  }

  private put(bytes: Uint8Array): void {
    this.queue.push(bytes);
    this.queuedBytes += bytes.length;
    this.readAhead();
  }
}
