import { retryDelay } from '../../../src/stream/call/retries';
import { type Invoked, StreamError } from '../../../src/stream/errors/stream-error';

const failed = (invoked: Invoked, retryable = true) => StreamError.of('TRANSPORT', 'x', {}, { invoked, retryable });
const throttled = (retryAfterMs?: number) => StreamError.of('THROTTLED', 'x', { retryAfterMs }, { retryable: true });

test('only what surely did not invoke the function is tried again', () => {
  expect(retryDelay(failed('no'), 1, {}, 0)).toBe(100);
  expect(retryDelay(failed('maybe'), 1, {}, 0)).toBeUndefined();
  expect(retryDelay(failed('yes'), 1, {}, 0)).toBeUndefined();
  expect(retryDelay(failed('no', false), 1, {}, 0)).toBeUndefined();
});

test('where duplicates are allowed also what may have invoked it, but never what did', () => {
  expect(retryDelay(failed('maybe'), 1, { allowDuplicateInvocation: true }, 0)).toBe(100);
  expect(retryDelay(failed('yes'), 1, { allowDuplicateInvocation: true }, 0)).toBeUndefined();
});

test('waits double, up to the longest, less a random half', () => {
  const delays = [1, 2, 3, 4].map((attempt) =>
    retryDelay(failed('no'), attempt, { maxAttempts: 9, maxDelayMs: 500 }, 0),
  );
  expect(delays).toEqual([100, 200, 400, 500]);
  expect(retryDelay(failed('no'), 1, {}, 1)).toBe(50);
});

test('ends with the last attempt', () => {
  expect(retryDelay(failed('no'), 2, {}, 0)).toBe(200);
  expect(retryDelay(failed('no'), 3, {}, 0)).toBeUndefined();
  expect(retryDelay(failed('no'), 1, { maxAttempts: 1 }, 0)).toBeUndefined();
});

test("the service's own word on when to come back counts, up to the longest wait", () => {
  expect(retryDelay(throttled(3_000), 1, {}, 0)).toBe(3_000);
  expect(retryDelay(throttled(60_000), 1, {}, 0)).toBe(20_000);
  expect(retryDelay(throttled(), 1, {}, 0)).toBe(100);
});
