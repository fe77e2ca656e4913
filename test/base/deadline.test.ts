import { startDeadline, withSignal } from '../../src/base/deadline';

const expire = (message: string) => Object.assign(new Error(message), { name: 'Late' });

test('expires the margin before the timeout; the signal aborts with the same error, whenever it is asked for', async () => {
  const early = startDeadline(30, 10, expire);
  const late = startDeadline(30, 10, expire);
  const signal = early.signal();
  expect([signal.aborted, early.hasPassed()]).toEqual([false, false]);
  const error: unknown = await early.expired.catch((reason) => reason);
  expect(error).toMatchObject({ name: 'Late', message: "stopped 10 ms before the function's timeout" });
  expect([signal.reason, early.signal().reason, early.hasPassed()]).toEqual([error, error, true]);
  await expect(late.expired).rejects.toThrow('stopped');
  expect(late.signal().aborted).toBe(true);
});

test.each([
  [100, 'stopped 10 ms'],
  [0, 'stopped 0 ms'],
])('keeps a tenth of %i ms where nothing is said', async (leftMs, message) => {
  await expect(startDeadline(leftMs, undefined, expire).expired).rejects.toThrow(message);
});

test('keeps half a second where a tenth would be more', async () => {
  jest.useFakeTimers();
  try {
    const deadline = startDeadline(60_000, undefined, expire);
    deadline.expired.catch(() => undefined);
    jest.advanceTimersByTime(59_499);
    expect(deadline.hasPassed()).toBe(false);
    jest.advanceTimersByTime(1);
    expect(deadline.signal().reason).toHaveProperty('message', "stopped 500 ms before the function's timeout");
  } finally {
    jest.useRealTimers();
  }
});

test('has no timer where there is no timeout, and leaves none behind', () => {
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
  const before = timers();
  startDeadline(Infinity, undefined, expire);
  startDeadline(60_000, undefined, expire).clear();
  expect(timers()).toBe(before);
});

test('objects with a signal share one shape; the signal is made when it is first asked for, also of a copy', () => {
  const deadline = startDeadline(Infinity, undefined, expire);
  const asked = jest.spyOn(deadline, 'signal');
  const [first, second] = [withSignal({ a: 1 }, deadline), withSignal({ a: 1 }, deadline)];
  const getterOf = (object: object) => Object.getOwnPropertyDescriptor(object, 'signal')?.get;
  expect(getterOf(first)).toBe(getterOf(second));
  expect(asked).not.toHaveBeenCalled();
  expect(Object.keys(first)).toEqual(['a', 'signal']);
  expect(asked).not.toHaveBeenCalled();
  expect(first.signal).toBe(deadline.signal());
  expect({ ...second }).toEqual({ a: 1, signal: deadline.signal() });
  expect(Object.getOwnPropertySymbols({ ...second })).toEqual([]);
});
