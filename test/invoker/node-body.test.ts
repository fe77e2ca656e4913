import { Readable } from 'node:stream';
import { NodeBody } from '../../src/invoker/node-body';

const MARK = 262_144;

/** A body that a test pushes bytes into, with the reader over it. */
function pushed(highWaterMark = MARK) {
  const readable = new Readable({ read: () => undefined });
  const body = new NodeBody(readable, highWaterMark);
  const push = async (...sizes: number[]) => {
    for (const size of sizes) {
      readable.push(new Uint8Array(size));
      await turn();
    }
  };
  return { readable, body, push };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Waits for `wanted` bytes, and tells whether the wait is over and how many arrivals it was told of. */
function waiting(body: NodeBody, wanted: number) {
  const seen = { over: false, arrivals: 0 };
  body
    .wait(wanted, () => seen.arrivals++)
    .then(
      () => (seen.over = true),
      () => (seen.over = true),
    );
  return seen;
}

test('a reader that wants bytes is told of what comes, and woken when they are here', async () => {
  const { body, push } = pushed();
  const seen = waiting(body, 1_000);
  await push(400, 400);
  expect(seen).toEqual({ over: false, arrivals: 2 });
  await push(400);
  expect(seen).toEqual({ over: true, arrivals: 2 });
});

test('bytes that were here before count', async () => {
  const { body, push } = pushed();
  await push(600);
  const seen = waiting(body, 1_000);
  await turn();
  expect(seen.over).toBe(false);
  await push(600);
  expect(seen.over).toBe(true);
});

test('wanting more than the body holds back for is no deadlock', async () => {
  const { readable, body, push } = pushed(1_024);
  await push(2_048);
  expect(readable.isPaused()).toBe(true);
  const seen = waiting(body, 100_000);
  expect(readable.isPaused()).toBe(false);
  await push(50_000);
  expect([seen.over, readable.isPaused()]).toEqual([false, false]);
  await push(50_000);
  expect([seen.over, readable.isPaused()]).toEqual([true, true]);
});

test('a reader that wants a frame of 24 MiB is woken for each half MiB of it', async () => {
  const { body, push } = pushed();
  const seen = waiting(body, 24 * 1_048_576);
  await push(524_287);
  expect(seen.over).toBe(false);
  await push(1);
  expect(seen.over).toBe(true);
});

test('many small pieces wake a reader that wants more, before they cost more than they hold', async () => {
  const { body, push } = pushed();
  const seen = waiting(body, 1_000);
  await push(...new Array(31).fill(1));
  expect(seen.over).toBe(false);
  await push(1);
  expect(seen.over).toBe(true);
});

test('without a wish every piece wakes the reader', async () => {
  const { body, push } = pushed();
  const seen = waiting(body, 0);
  await push(1);
  expect(seen).toEqual({ over: true, arrivals: 0 });
});

test('the end wakes a reader that wants more', async () => {
  const { readable, body, push } = pushed();
  const seen = waiting(body, 1_000);
  await push(10);
  readable.push(null);
  await turn();
  expect(seen.over).toBe(true);
  expect(body.ended).toBe(false);
  expect(body.take()).toHaveLength(10);
  expect(body.ended).toBe(true);
});

test('a body that breaks gives what came before, then its error', async () => {
  const { readable, body, push } = pushed();
  const waited = body.wait(1_000);
  await push(10);
  readable.destroy(new Error('broken'));
  await waited;
  expect(body.take()).toHaveLength(10);
  await expect(body.wait(1_000)).rejects.toThrow('broken');
});

describe('a body whose content is complete', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] }));
  afterEach(() => jest.useRealTimers());

  test('has fifty milliseconds to end, and is closed then', async () => {
    const { readable, body } = pushed();
    body.release();
    jest.advanceTimersByTime(49);
    expect(readable.destroyed).toBe(false);
    jest.advanceTimersByTime(1);
    expect(readable.destroyed).toBe(true);
  });

  test('that ends in time is not closed, so that its connection can serve again', async () => {
    const { readable, body } = pushed();
    const ended = new Promise((resolve) => readable.once('end', resolve));
    body.release();
    readable.push(null);
    await ended;
    await turn();
    expect(jest.getTimerCount()).toBe(0);
  });
});
