/** Splits one payload into two that are read independently, within a bound on how far they drift apart. */

import type { StreamError } from '../errors/stream-error';
import type { PayloadEnd, PayloadSource } from './payload-source';
import type { OnSettled, StreamProgress } from './stream-progress';

/**
 * @param maxAheadBytes bytes one branch may have been given that the other has not taken
 * @param begun pieces already taken from `source`, with which both branches begin
 */
export function teePayloads(
  source: PayloadSource,
  maxAheadBytes: number,
  begun: readonly Uint8Array[] = [],
): [PayloadSource, PayloadSource] {
  const shared: Shared = { source, branches: [], waiting: undefined };
  const branches: [Branch, Branch] = [new Branch(shared, maxAheadBytes), new Branch(shared, maxAheadBytes)];
  for (const branch of branches) for (const piece of begun) branch.give(piece);
  shared.branches.push(...branches);
  return branches;
}

interface Shared {
  readonly source: PayloadSource;
  readonly branches: Branch[];
  /** The wait on the source that all branches share. */
  waiting: Promise<void> | undefined;
}

class Branch implements PayloadSource {
  private queue: Uint8Array[] = [];
  private queuedBytes = 0;
  private closed = false;
  private wake: (() => void) | undefined;
  private onArrival: (() => void) | undefined;

  public constructor(
    private readonly shared: Shared,
    private readonly maxAheadBytes: number,
  ) {}

  public get end(): PayloadEnd | undefined {
    return this.queue.length === 0 ? this.shared.source.end : undefined;
  }

  public take(): Uint8Array | undefined {
    const queued = this.queue.shift();
    if (queued !== undefined) {
      this.queuedBytes -= queued.length;
      if (this.queuedBytes < this.maxAheadBytes) this.other?.wakeUp();
      return queued;
    }
    const { other } = this;
    if (other !== undefined && other.queuedBytes >= this.maxAheadBytes) return undefined;
    const payload = this.shared.source.take();
    if (payload !== undefined) other?.give(payload);
    else if (this.shared.source.end !== undefined) other?.wakeUp();
    return payload;
  }

  public wait(onArrival?: () => void): Promise<void> {
    const { other, shared } = this;
    this.onArrival = onArrival;
    if (this.queue.length > 0 || shared.source.end !== undefined) return Promise.resolve();
    const woken = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    if (other !== undefined && other.queuedBytes >= this.maxAheadBytes) return woken;
    const onAnyArrival = () => {
      for (const branch of shared.branches) branch.onArrival?.();
    };
    shared.waiting ??= shared.source.wait(onAnyArrival).finally(() => {
      shared.waiting = undefined;
    });
    return Promise.race([shared.waiting, woken]);
  }

  public close(): void {
    if (this.closed) return;
    this.closed = true;
    this.queue = [];
    if (this.other === undefined) this.shared.source.close();
    else this.other.wakeUp();
  }

  public contentEnded(): void {
    this.shared.source.contentEnded?.();
  }

  /** The other branch, as long as it is read. */
  private get other(): Branch | undefined {
    return this.shared.branches.find((branch) => branch !== this && !branch.closed);
  }

  public give(payload: Uint8Array): void {
    this.queue.push(payload);
    this.queuedBytes += payload.length;
    this.wakeUp();
  }

  private wakeUp(): void {
    this.wake?.();
    this.wake = undefined;
  }
}

/**
 * Reports a split stream once, when both branches are settled. If a branch is whole, so is the stream, with that branch's
 * counts. If both failed, the stream failed with the first error, and has the counts of the branch that came further.
 */
export function settleOnce(onSettled: OnSettled | undefined): OnSettled {
  let first: { readonly progress: StreamProgress; readonly error: StreamError | undefined } | undefined;
  return (progress, error) => {
    if (first === undefined) {
      first = { progress, error };
      return;
    }
    const whole = [first, { progress, error }].find((branch) => branch.error === undefined);
    const further = first.progress.payloadBytes >= progress.payloadBytes ? first.progress : progress;
    onSettled?.(whole?.progress ?? further, whole === undefined ? first.error : undefined);
  };
}
