import { runInNewContext } from 'node:vm';
import { createDeferred, isPromise, LazyPromise, once } from '../../src/base/promises';

test('the work begins when somebody asks, and is done once', async () => {
  let started = 0;
  const lazy = new LazyPromise(async () => ++started);
  await new Promise((resolve) => setImmediate(resolve));
  expect(started).toBe(0);
  expect(
    await Promise.all([lazy, lazy.then((value) => value + 10), lazy.finally(() => undefined), lazy.catch(() => 0)]),
  ).toEqual([1, 11, 1, 1]);
  expect(started).toBe(1);
});

test('a failure is given to each who asks, and to nobody else', async () => {
  const lazy = new LazyPromise(async () => {
    throw new Error('no');
  });
  expect(await lazy.catch((error) => (error as Error).message)).toBe('no');
  await expect(lazy).rejects.toThrow('no');
  // jest fails the test in which a rejection is unhandled.
  await new Promise((resolve) => setImmediate(resolve));
});

test('a promise is known by its shape, also from another realm', () => {
  expect(isPromise(Promise.resolve())).toBe(true);
  expect(isPromise(runInNewContext('Promise.resolve()'))).toBe(true);
  for (const value of [undefined, null, 1, 'then', {}]) expect(isPromise(value)).toBe(false);
});

test('a deferred promise settles from outside, and its rejection needs no listener', async () => {
  const good = createDeferred<number>();
  good.resolve(1);
  await expect(good.promise).resolves.toBe(1);
  const bad = createDeferred();
  bad.reject(new Error('no'));
  // jest fails the test in which a rejection is unhandled.
  await new Promise((resolve) => setImmediate(resolve));
  await expect(bad.promise).rejects.toThrow('no');
});

test('what is asked for once begins once, and whoever comes later gets the same, also where it failed', async () => {
  let begun = 0;
  const ask = once(async () => {
    begun++;
    throw new Error('no');
  });
  const first = ask();
  expect(ask()).toBe(first);
  await expect(first).rejects.toThrow('no');
  expect(ask()).toBe(first);
  expect(begun).toBe(1);
});
