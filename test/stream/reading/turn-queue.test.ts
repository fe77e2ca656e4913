import { createDeferred } from '../../../src/base/promises';
import { StreamError } from '../../../src/stream/errors/stream-error';
import { type Step, TurnQueue } from '../../../src/stream/reading/turn-queue';

/** A queue over `items` that come when `arrive` is called. */
function queueOver(items: number[]) {
  const here: number[] = [];
  const arrival = createDeferred<void>();
  const step = (): Step<number> => {
    const value = here.shift();
    return value === undefined ? undefined : { done: false, value };
  };
  const turns = new TurnQueue(
    () => arrival.promise,
    (cause) => StreamError.of('ABORTED', (cause as Error).message, {}, {}),
  );
  const arrive = () => {
    here.push(...items);
    arrival.resolve();
  };
  return { turns, step, arrive };
}

test('what is here is given without a wait', async () => {
  const { turns, step, arrive } = queueOver([1, 2]);
  arrive();
  expect([await turns.take(step), await turns.take(step)].map(({ value }) => value)).toEqual([1, 2]);
});

test('what is here is taken by the calls themselves, however many come before anybody waits', async () => {
  const { turns, step, arrive } = queueOver([1, 2]);
  arrive();
  const taken: number[] = [];
  const taking = () => {
    const now = step();
    taken.push(taken.length + 1);
    return now;
  };
  const calls = [turns.take(taking), turns.take(taking)];
  expect(taken).toEqual([1, 2]);
  expect((await Promise.all(calls)).map(({ value }) => value)).toEqual([1, 2]);
});

test('a call that comes when everything has arrived does not overtake one that still waits', async () => {
  const { turns, step, arrive } = queueOver([1, 2]);
  const first = turns.take(step);
  arrive();
  const second = turns.take(step);
  expect([(await first).value, (await second).value]).toEqual([1, 2]);
});

test('a call that waits for a promise holds the later ones back', async () => {
  const slow = createDeferred<IteratorResult<string, undefined>>();
  const { turns } = queueOver([]);
  const first = turns.take(() => slow.promise);
  const order: string[] = [];
  const second = turns.take<string>(() => ({ done: false, value: 'second' }));
  const both = Promise.all([first.then(() => order.push('first')), second.then(() => order.push('second'))]);
  slow.resolve({ done: false, value: 'first' });
  await both;
  expect(order).toEqual(['first', 'second']);
});

test('a call that fails does not hold the later ones up', async () => {
  const { turns, step, arrive } = queueOver([7]);
  const failing = turns.take(() => Promise.reject(new Error('one')));
  const next = turns.take(step);
  arrive();
  await expect(failing).rejects.toThrow('one');
  expect((await next).value).toBe(7);
  await expect(
    turns.take(() => {
      throw new Error('two');
    }),
  ).rejects.toThrow('two');
});
