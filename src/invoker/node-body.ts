/** Reads a Node.js response body as a {@link ByteSource}: bounded, and without a promise per piece. */
import type { Readable } from 'node:stream';
import type { ByteSource } from '../stream/body/byte-source';
import { WebBody, type WebBodyStream } from '../stream/body/web-body';

/** Time the other side has to end a body whose content is complete, so that its connection can be used again. */
const RELEASE_MS = 50;

/** Most bytes that are collected for a reader that wants more, before it is woken to take them. */
const WANTED_MAX_BYTES = 524_288;

/** Pieces after which a reader is woken even if it wants more bytes: a queue of single bytes would cost a hundred times its size. */
const PIECES_MAX = 32;

export class NodeBody implements ByteSource {
  private queue: Uint8Array[] = [];
  private taken = 0;
  private queuedBytes = 0;
  private finished = false;
  private closed = false;
  private failure: unknown;
  private wake: (() => void) | undefined;
  private wanted = 0;
  private onArrival: (() => void) | undefined;

  /** @param highWaterMark bytes kept ahead of the reader before the connection is held back */
  public constructor(
    private readonly body: Readable,
    private readonly highWaterMark: number,
  ) {
    body.on('data', this.onData);
    body.on('end', () => this.settle(() => (this.finished = true)));
    // Stays for good: a body that breaks after it was closed must not become an uncaught exception.
    body.on('error', (error) => this.settle(() => (this.failure ??= error)));
    body.on('close', () => this.settle(() => (this.failure ??= prematureClose())));
  }

  public take(): Uint8Array | undefined {
    if (this.taken === this.queue.length) return undefined;
    const bytes = this.queue[this.taken++];
    this.queuedBytes -= bytes.length;
    if (this.taken === this.queue.length) {
      this.queue = [];
      this.taken = 0;
    }
    if (this.queuedBytes < this.highWaterMark && this.body.isPaused()) this.body.resume();
    return bytes;
  }

  public wait(wanted = 0, onArrival?: () => void): Promise<void> {
    this.wanted = Math.min(wanted, WANTED_MAX_BYTES);
    this.onArrival = onArrival;
    if (this.suffices || this.finished) return Promise.resolve();
    // What the reader waits to take is not held back for it.
    if (this.body.isPaused()) this.body.resume();
    return new Promise((resolve, reject) => {
      this.wake = () => (this.failure === undefined || this.queue.length > 0 ? resolve() : reject(this.failure));
      if (this.failure !== undefined) this.wake();
    });
  }

  public get ended(): boolean {
    return this.finished && this.queue.length === 0;
  }

  public release(): void {
    if (this.closed) return;
    this.closed = true;
    this.body.off('data', this.onData);
    if (this.finished) return;
    this.body.resume();
    const timer = setTimeout(() => this.body.destroy(), RELEASE_MS);
    this.body.once('close', () => clearTimeout(timer));
  }

  public close(): void {
    this.closed = true;
    this.queue = [];
    this.body.destroy();
  }

  private readonly onData = (bytes: Uint8Array): void => {
    this.queue.push(bytes);
    this.queuedBytes += bytes.length;
    // On top of what a reader waits to take, so that taking it does not stop and start the connection each time.
    if (this.queuedBytes >= this.highWaterMark + this.wanted) this.body.pause();
    if (this.suffices) this.settle();
    else this.onArrival?.();
  };

  /** Whether what is here is worth waking the reader. */
  private get suffices(): boolean {
    return this.queue.length > 0 && (this.queuedBytes >= this.wanted || this.queue.length >= PIECES_MAX);
  }

  private settle(change?: () => void): void {
    if (!this.finished) change?.();
    this.wake?.();
    this.wake = undefined;
  }
}

function prematureClose(): Error {
  return Object.assign(new Error('the connection closed before the response ended'), { code: 'ECONNRESET' });
}

/** The SDK's Node.js handlers give a `Readable`, its fetch handler a web stream; undefined for what is neither. */
export function toByteSource(body: unknown, highWaterMark: number): ByteSource | undefined {
  const { getReader, pipe } = (body ?? {}) as { getReader?: unknown; pipe?: unknown };
  if (typeof getReader === 'function') return new WebBody(body as WebBodyStream, highWaterMark);
  return typeof pipe === 'function' ? new NodeBody(body as Readable, highWaterMark) : undefined;
}
