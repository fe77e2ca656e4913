import { bodyExcerpt, EXCERPT_MAX_BYTES } from '../../../src/stream/body/byte-source';
import { WebBody } from '../../../src/stream/body/web-body';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (piece: Uint8Array | undefined) => (piece === undefined ? undefined : new TextDecoder().decode(piece));

/** A body whose pieces are asked for one by one; `asked` counts how often. */
function counted(pieces: readonly (Uint8Array | Error)[]) {
  const state = { asked: 0, cancelled: false };
  const body = {
    getReader: () => ({
      async read() {
        const next = pieces[state.asked++];
        if (next instanceof Error) throw next;
        return next === undefined ? { done: true } : { done: false, value: next };
      },
      async cancel() {
        state.cancelled = true;
      },
    }),
  };
  return { state, body };
}

test('pieces come in their order, and the end only after the last was taken', async () => {
  const source = new WebBody(counted([bytes('a'), bytes('b')]).body, 1_000);
  await source.wait();
  expect(text(source.take())).toBe('a');
  await source.wait();
  expect(source.ended).toBe(false);
  expect(text(source.take())).toBe('b');
  await source.wait();
  expect(source.take()).toBeUndefined();
  expect(source.ended).toBe(true);
});

test('no more is asked for than the mark allows, and again once there is room', async () => {
  const { state, body } = counted([bytes('12345'), bytes('67890'), bytes('x')]);
  const source = new WebBody(body, 5);
  await source.wait();
  await new Promise((resolve) => setImmediate(resolve));
  expect(state.asked).toBe(1);
  source.take();
  await source.wait();
  expect(state.asked).toBe(2);
});

test('a body that breaks rejects the wait, after what came before it', async () => {
  const source = new WebBody(counted([bytes('a'), new Error('reset')]).body, 1_000);
  await source.wait();
  expect(text(source.take())).toBe('a');
  await expect(source.wait()).rejects.toThrow('reset');
});

test('closing cancels the body, and nothing is left to take', async () => {
  const { state, body } = counted([bytes('a'), bytes('b')]);
  const source = new WebBody(body, 1_000);
  await source.wait();
  source.close();
  expect([source.take(), source.ended, state.cancelled]).toEqual([undefined, true, true]);
});

test('an excerpt is bounded, survives a body that breaks, and closes what has not ended', async () => {
  const long = counted(Array.from({ length: 40 }, () => bytes('x'.repeat(1_000))));
  expect(await bodyExcerpt(new WebBody(long.body, 1_000))).toHaveLength(EXCERPT_MAX_BYTES);
  expect(long.state.cancelled).toBe(true);
  const broken = counted([bytes('Forbid'), new Error('reset')]);
  expect(await bodyExcerpt(new WebBody(broken.body, 1_000))).toBe('Forbid');
  const whole = counted([bytes('é').subarray(0, 1), bytes('é').subarray(1)]);
  expect(await bodyExcerpt(new WebBody(whole.body, 1_000))).toBe('é');
  expect(whole.state.cancelled).toBe(false);
});
