import type { StreamTimeouts } from '../../../src/stream/reading/read-options';
import { type OnTimeout, StreamClock } from '../../../src/stream/reading/stream-clock';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** A clock, and what it has said with the time at which it said so. */
function started(timeouts: StreamTimeouts, elapsedMs = 0, requestedMsAgo = 0) {
  const began = performance.now();
  const said: [kind: string, limitMs: number, at: number][] = [];
  const tell: OnTimeout = (kind, limitMs) => said.push([kind, limitMs, Math.round(performance.now() - began)]);
  return { clock: new StreamClock(timeouts, elapsedMs, began - requestedMsAgo, tell), said };
}

test('a reader that waits is told when idleMs have passed, once and on time', () => {
  const { clock, said } = started({ idleMs: 200 });
  clock.wait();
  jest.advanceTimersByTime(199);
  expect(said).toEqual([]);
  jest.advanceTimersByTime(5_000);
  expect(said).toEqual([['idle', 200, 200]]);
});

test('no reader, no silence', () => {
  const { clock, said } = started({ idleMs: 200 });
  clock.wait();
  jest.advanceTimersByTime(100);
  expect(clock.arrived()).toBe(100);
  jest.advanceTimersByTime(10_000);
  expect(said).toEqual([]);
  clock.wait();
  jest.advanceTimersByTime(200);
  expect(said).toEqual([['idle', 200, 10_300]]);
});

test('waiting again without having got anything does not begin anew', () => {
  const { clock, said } = started({ idleMs: 200 });
  for (let turn = 0; turn < 4; turn++) {
    clock.wait();
    jest.advanceTimersByTime(50);
  }
  expect(said).toEqual([['idle', 200, 200]]);
});

test('a part that arrives begins anew, and tells how long that took', () => {
  const { clock, said } = started({ idleMs: 200 });
  clock.wait();
  jest.advanceTimersByTime(150);
  expect(clock.arriving()).toBe(150);
  jest.advanceTimersByTime(199);
  expect(said).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(said).toEqual([['idle', 200, 350]]);
});

test('a part that arrives while nobody waits starts no clock', () => {
  const { clock, said } = started({ idleMs: 200 });
  expect(clock.arriving()).toBe(0);
  jest.advanceTimersByTime(5_000);
  expect(said).toEqual([]);
});

test('the first byte has a clock of its own', () => {
  const { clock, said } = started({ firstByteMs: 300, idleMs: 50 });
  jest.advanceTimersByTime(100);
  clock.wait();
  jest.advanceTimersByTime(199);
  expect(said).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(said).toEqual([['firstByte', 300, 300]]);
});

test('the clock of the first byte began with the request, long before the headers', () => {
  const { clock, said } = started({ firstByteMs: 300 }, 250, 200);
  clock.wait();
  jest.advanceTimersByTime(99);
  expect(said).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(said).toEqual([['firstByte', 300, 100]]);
});

test('after the first byte only silence counts', () => {
  const { clock, said } = started({ firstByteMs: 300, idleMs: 50 });
  clock.wait();
  clock.firstByte();
  clock.arrived();
  jest.advanceTimersByTime(1_000);
  clock.wait();
  jest.advanceTimersByTime(50);
  expect(said).toEqual([['idle', 50, 1_050]]);
});

test('the total counts from the call on, reader or not', () => {
  const { said } = started({ totalMs: 500 }, 200);
  jest.advanceTimersByTime(299);
  expect(said).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(said).toEqual([['total', 500, 300]]);
});

test('silence is allowed once the content has ended; the total still counts', () => {
  const { clock, said } = started({ idleMs: 50, totalMs: 500 });
  clock.wait();
  clock.allowSilence();
  jest.advanceTimersByTime(499);
  expect(said).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(said).toEqual([['total', 500, 500]]);
});

test('a clock that was stopped says nothing', () => {
  const { clock, said } = started({ firstByteMs: 10, idleMs: 10, totalMs: 10 });
  clock.wait();
  clock.stop();
  jest.advanceTimersByTime(10_000);
  expect(said).toEqual([]);
  expect(jest.getTimerCount()).toBe(0);
});

test.each([0, Number.POSITIVE_INFINITY])('a limit of %s is none', (none) => {
  const { clock, said } = started({ firstByteMs: none, idleMs: none, totalMs: none });
  clock.wait();
  jest.advanceTimersByTime(10_000_000);
  expect(said).toEqual([]);
});

test('without a limit silence ends ten seconds after the longest function timeout', () => {
  const { clock, said } = started({});
  clock.wait();
  jest.advanceTimersByTime(910_000);
  expect(said).toEqual([['idle', 910_000, 910_000]]);
});

describe('after the process stood still', () => {
  /** A clock that ran out while nothing could run; what came meanwhile is read in the next turn of the event loop. */
  async function stoodStill(read: (clock: StreamClock) => void): Promise<readonly string[]> {
    jest.useRealTimers();
    const said: string[] = [];
    // From here on between two timers of one turn.
    await new Promise((resolve) => setTimeout(resolve, 1));
    const clock = new StreamClock({ idleMs: 2 }, 0, performance.now(), (kind) => said.push(kind));
    clock.wait();
    for (const until = performance.now() + 10; performance.now() < until; );
    setImmediate(() => read(clock));
    // In the turn after that of the clock's second look.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    clock.stop();
    return said;
  }

  test('what came meanwhile is no silence', async () => {
    expect(await stoodStill((clock) => clock.arrived())).toEqual([]);
  });

  test('nothing that came is', async () => {
    expect(await stoodStill(() => undefined)).toEqual(['idle']);
  });
});
