/** How much of a body that is no stream is read, and how long for. */
import { type ByteSource, bodyExcerpt } from '../../../src/stream/body/byte-source';

const bytes = (text: string) => new TextEncoder().encode(text);

/** A body whose pieces are here one after the other; `false` is a wait, `undefined` for ever. */
function body(...pieces: (Uint8Array | false | undefined)[]) {
  const log: string[] = [];
  let release = (): void => undefined;
  const source: ByteSource = {
    take() {
      const piece = pieces[0];
      if (!piece) return undefined;
      pieces.shift();
      log.push('take');
      return piece;
    },
    async wait() {
      log.push('wait');
      if (pieces.length > 0 && pieces[0] === undefined) await new Promise<void>((resolve) => (release = resolve));
      else if (pieces[0] === false) pieces.shift();
    },
    get ended() {
      return pieces.length === 0;
    },
    release: () => log.push('release'),
    close() {
      log.push('close');
      pieces.length = 0;
      release();
    },
  };
  return { source, log };
}

test('a body is read to its end, whatever its cuts, and its connection kept', async () => {
  const { source, log } = body(bytes('é').subarray(0, 1), false, bytes('é').subarray(1), bytes('!'));
  expect(await bodyExcerpt(source)).toBe('é!');
  expect(log).toEqual(['take', 'wait', 'take', 'take']);
});

test.each([
  ['in one piece', [bytes('x'.repeat(16_384)), false as const, bytes('more')]],
  ['cut inside a piece', [bytes('x'.repeat(10_000)), bytes('x'.repeat(6_384) + 'y'.repeat(9)), bytes('more')]],
  ['a byte short, then on', [bytes('x'.repeat(16_383)), false as const, bytes('xy'), bytes('more')]],
])('of a long body the first 16,384 bytes are read, and no piece after them: %s', async (_, pieces) => {
  const left = pieces.at(-1);
  const { source, log } = body(...pieces);
  expect(await bodyExcerpt(source)).toBe('x'.repeat(16_384));
  expect(log.at(-1)).toBe('close');
  expect(log.filter((entry) => entry === 'take')).toHaveLength(pieces.filter(Boolean).length - 1);
  expect(left).toEqual(bytes('more'));
});

test('a body that does not go on is given up after a second, with what has come', async () => {
  jest.useFakeTimers();
  const { source, log } = body(bytes('begun'), undefined);
  const reading = bodyExcerpt(source);
  await jest.advanceTimersByTimeAsync(999);
  expect(log).toEqual(['take', 'wait']);
  await jest.advanceTimersByTimeAsync(1);
  expect(await reading).toBe('begun');
  expect(log).toEqual(['take', 'wait', 'close']);
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

test('a body that breaks is told as far as it came, and closed', async () => {
  const { source, log } = body(bytes('begun'), false);
  const broken = Object.assign(source, { wait: () => Promise.reject(new Error('reset')) });
  expect(await bodyExcerpt(broken)).toBe('begun');
  expect(log).toEqual(['take', 'close']);
});
