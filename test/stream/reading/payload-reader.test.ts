import { PayloadReader } from '../../../src/stream/reading/payload-reader';
import type { PayloadSource } from '../../../src/stream/reading/payload-source';
import { StreamProgress } from '../../../src/stream/reading/stream-progress';

/** A source that breaks with `cause`. */
function breaking(cause: unknown): PayloadSource {
  return { take: () => undefined, wait: () => Promise.reject(cause), end: undefined, close: () => undefined };
}

function readerOf(source: PayloadSource): PayloadReader {
  const limits = { timeouts: {}, maxResponseBytes: 1_000 };
  return new PayloadReader(source, new StreamProgress(), limits, false, () => undefined);
}

test('a body that fetch itself gave up on is a TIMEOUT that says after how long', async () => {
  const cause = Object.assign(new TypeError('terminated'), {
    cause: Object.assign(new Error('Body Timeout Error'), { code: 'UND_ERR_BODY_TIMEOUT' }),
  });
  await expect(readerOf(breaking(cause)).wait()).rejects.toMatchObject({
    code: 'TIMEOUT',
    kind: 'idle',
    limitMs: 300_000,
    retryable: true,
    cause,
    message: expect.stringContaining('fetch gave up after its own 300 s of silence; '),
  });
});

test('a body that breaks otherwise is a TRANSPORT error with the code of the system', async () => {
  const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  await expect(readerOf(breaking(cause)).wait()).rejects.toMatchObject({
    code: 'TRANSPORT',
    systemCode: 'ECONNRESET',
    retryable: true,
  });
});

test.each([
  ['goes on', () => new Promise<void>((resolve) => setImmediate(resolve))],
  ['falls silent', () => new Promise<void>(() => undefined)],
])('the wait for the end of a stream that %s has an end itself', async (_, wait) => {
  const source = { take: () => undefined, wait, end: undefined, close: () => undefined };
  expect(await readerOf(source).readEnd(20)).toBe(undefined);
});
