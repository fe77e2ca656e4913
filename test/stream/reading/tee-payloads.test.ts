/** How far two readers of one payload may drift apart, and who waits for whom. */
import { StreamError } from '../../../src/stream/errors/stream-error';
import type { PayloadEnd, PayloadSource } from '../../../src/stream/reading/payload-source';
import { StreamProgress } from '../../../src/stream/reading/stream-progress';
import { settleOnce, teePayloads } from '../../../src/stream/reading/tee-payloads';

const piece = (length: number) => new Uint8Array(length).fill(length);

/** A payload whose pieces arrive when told. */
class Arriving implements PayloadSource {
  public end: PayloadEnd | undefined;
  public closed = 0;
  public contentEnds = 0;
  private readonly here: Uint8Array[] = [];
  private readonly waiting: (() => void)[] = [];
  private readonly arrivals: (() => void)[] = [];

  public take(): Uint8Array | undefined {
    return this.here.shift();
  }

  public wait(onArrival: () => void = () => undefined): Promise<void> {
    this.arrivals.push(onArrival);
    if (this.here.length > 0 || this.end !== undefined) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  public close(): void {
    this.closed++;
  }

  public contentEnded(): void {
    this.contentEnds++;
  }

  public arrive(...lengths: number[]): void {
    this.here.push(...lengths.map(piece));
    this.wake();
  }

  public complete(): void {
    this.end = { outcome: 'complete' };
    this.wake();
  }

  /** Something came, and does not suffice. */
  public partArrives(): void {
    this.arrivals.at(-1)?.();
  }

  public get waits(): number {
    return this.waiting.length;
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

function teed(maxAheadBytes: number) {
  const source = new Arriving();
  const [fast, slow] = teePayloads(source, maxAheadBytes);
  return { source, fast, slow };
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Whether `waiting` has been answered by now. */
async function isOver(waiting: Promise<void>): Promise<boolean> {
  let over = false;
  void waiting.then(() => {
    over = true;
  });
  await tick();
  return over;
}

test('each branch gets every piece once, and the end after the last', () => {
  const { source, fast, slow } = teed(100);
  source.arrive(1, 2);
  source.complete();
  expect([fast.take(), fast.take(), fast.take()]).toEqual([piece(1), piece(2), undefined]);
  expect([fast.end, slow.end]).toEqual([{ outcome: 'complete' }, undefined]);
  expect([slow.take(), slow.end, slow.take(), slow.end]).toEqual([piece(1), undefined, piece(2), source.end]);
});

test('a branch may be ahead by so many bytes, and takes no piece beyond them', () => {
  const { source, fast, slow } = teed(10);
  source.arrive(9, 1, 5);
  expect([fast.take(), fast.take(), fast.take()]).toEqual([piece(9), piece(1), undefined]);
  expect(slow.take()).toEqual(piece(9));
  expect(fast.take()).toEqual(piece(5));
});

test('a branch that is too far ahead sleeps until the other has taken enough, and not only some', async () => {
  const { source, fast, slow } = teed(10);
  source.arrive(5, 4, 6, 1);
  for (const length of [5, 4, 6]) expect(fast.take()).toEqual(piece(length));
  const waiting = fast.wait();
  expect(await isOver(waiting)).toBe(false);
  expect(slow.take()).toEqual(piece(5));
  expect(await isOver(waiting)).toBe(false);
  slow.take();
  expect(await isOver(waiting)).toBe(true);
  expect(fast.take()).toEqual(piece(1));
});

test('what a branch has to take, or the end, is not waited for', async () => {
  const { source, fast, slow } = teed(10);
  source.arrive(3);
  fast.take();
  expect(await isOver(slow.wait())).toBe(true);
  slow.take();
  const both = [fast.wait(), slow.wait()];
  expect(await Promise.all(both.map(isOver))).toEqual([false, false]);
  expect(source.waits).toBe(1);
  source.complete();
  expect(await Promise.all(both.map(isOver))).toEqual([true, true]);
  expect(await isOver(slow.wait())).toBe(true);
});

test('a piece that one branch takes wakes the other', async () => {
  const { source, fast, slow } = teed(10);
  const waiting = slow.wait();
  source.arrive(3);
  expect(fast.take()).toEqual(piece(3));
  expect(await isOver(waiting)).toBe(true);
  expect(slow.take()).toEqual(piece(3));
});

test('after a wait the next one waits again', async () => {
  const { source, fast } = teed(10);
  const first = fast.wait();
  source.arrive(3);
  await first;
  fast.take();
  const second = fast.wait();
  expect(await isOver(second)).toBe(false);
  source.arrive(4);
  expect(await isOver(second)).toBe(true);
});

test('both branches are told of what came and did not suffice', async () => {
  const { source, fast, slow } = teed(10);
  const told: string[] = [];
  void fast.wait(() => told.push('fast'));
  void slow.wait(() => told.push('slow'));
  source.partArrives();
  expect(told).toEqual(['fast', 'slow']);
});

test('a branch that is closed does not hold the other back, and wakes it', async () => {
  const { source, fast, slow } = teed(10);
  source.arrive(10, 20, 30);
  fast.take();
  const waiting = fast.wait();
  expect(await isOver(waiting)).toBe(false);
  slow.close();
  expect(await isOver(waiting)).toBe(true);
  expect([fast.take(), fast.take()]).toEqual([piece(20), piece(30)]);
  expect([slow.take(), source.closed]).toEqual([undefined, 0]);
});

test('the source is closed with the last branch, once', () => {
  const { source, fast, slow } = teed(10);
  fast.close();
  fast.close();
  expect(source.closed).toBe(0);
  slow.close();
  slow.close();
  fast.close();
  expect(source.closed).toBe(1);
});

test('the source is told that the content has ended', () => {
  const { source, slow } = teed(10);
  slow.contentEnded?.();
  expect(source.contentEnds).toBe(1);
});

describe('the report on both branches', () => {
  const branch = (payloadBytes: number) => Object.assign(new StreamProgress(), { payloadBytes });
  const error = (message: string) => StreamError.of('ABORTED', message, {}, {});

  function report(...branches: [StreamProgress, StreamError | undefined][]) {
    const told: unknown[][] = [];
    const settle = settleOnce((...all) => void told.push(all));
    for (const settled of branches) settle(...settled);
    return told;
  }

  test('waits for both', () => {
    expect(report([branch(1), undefined])).toEqual([]);
  });

  test('is of the whole one, whichever came first', () => {
    const [whole, failed] = [branch(1), branch(9)];
    for (const told of [
      report([whole, undefined], [failed, error('x')]),
      report([failed, error('x')], [whole, undefined]),
    ]) {
      expect(told).toEqual([[whole, undefined]]);
      expect(told[0]?.[0]).toBe(whole);
    }
  });

  test.each([
    [1, 9, 1],
    [9, 1, 0],
    [5, 5, 0],
  ])('is of the first failure, with the counts of the one that came further: %i and %i bytes', (a, b, further) => {
    const branches = [branch(a), branch(b)] as const;
    const [first, second] = [error('first'), error('second')];
    const told = report([branches[0], first], [branches[1], second]);
    expect(told).toHaveLength(1);
    expect(told[0]?.[0]).toBe(branches[further]);
    expect(told[0]?.[1]).toBe(first);
  });

  test('needs nobody who listens', () => {
    const settle = settleOnce(undefined);
    settle(branch(1), undefined);
    expect(() => settle(branch(1), undefined)).not.toThrow();
  });
});
