/** When what is yielded goes out: soon, in few writes, and no faster than the reader takes it. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamHandler } from 'cdk-lambda-streaming/handler';
import { lambdaContext, runOnOfficialRuntime } from './official-runtime';

const text = (body: Buffer) => body.toString('utf8');

test('sends its first chunk before the producer goes on', async () => {
  const order: string[] = [];
  let arrived = () => order.push('arrived before anybody waited');
  const handler = streamHandler(streamContract({ format: 'ndjson' }), async function* () {
    yield 1;
    await new Promise<void>((resolve) => {
      if (order.length > 0) return resolve();
      arrived = () => {
        resolve();
        return 0;
      };
    });
    order.push('producer went on');
  });
  await runOnOfficialRuntime(handler, {
    onData: (piece) => {
      order.push(text(piece).slice(0, 1));
      arrived();
    },
  });
  expect(order.slice(0, 2)).toEqual(['1', 'producer went on']);
});

test('sends chunks while a producer computes that never waits', async () => {
  const order: string[] = [];
  const handler = streamHandler(streamContract({ format: 'ndjson' }), async function* () {
    for (let i = 0; i < 10; i++) {
      const until = performance.now() + 12;
      while (performance.now() < until);
      yield i;
    }
    order.push('done');
  });
  await runOnOfficialRuntime(handler, { onData: () => order.push('piece') });
  expect(order.indexOf('done')).toBeGreaterThanOrEqual(5);
});

test('sends what is yielded within one turn of the event loop in one write, up to a limit', async () => {
  const writes: string[] = [];
  const line = 'x'.repeat(1000);
  const handler = streamHandler(streamContract({ format: 'ndjson' }), async function* () {
    for (let i = 0; i < 3; i++) yield i;
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (let i = 0; i < 40; i++) yield line;
  });
  const write = (bytes: Uint8Array) => {
    writes.push(Buffer.from(bytes).toString());
    return true;
  };
  await handler({}, { write, end: () => undefined }, lambdaContext());
  expect(writes.join('')).toBe(`0\n1\n2\n${`"${line}"\n`.repeat(40)}{"$stream":{"end":{"chunks":43}}}\n`);
  // The first turn, then 40 lines of 1,003 characters in batches of 16,384: at most a few turns may cut them.
  expect(writes[0]?.length).toBeLessThanOrEqual(6);
  expect(Math.max(...writes.map(({ length }) => length))).toBeGreaterThan(16_000);
  expect(writes.length).toBeLessThanOrEqual(8);
});

test('sends a character whose halves are yielded apart once it is whole, before the producer goes on', async () => {
  const pieces: string[] = [];
  let arrived: () => void = () => undefined;
  const whole = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const handler = streamHandler(streamContract({ format: 'text' }), async function* () {
    yield '\ud83d';
    await new Promise((resolve) => setTimeout(resolve, 5));
    yield '\ude42';
    await whole;
  });
  const { errorType } = await runOnOfficialRuntime(handler, {
    timeoutMs: 3000,
    onData: (piece) => {
      pieces.push(text(piece));
      arrived();
    },
  });
  expect(errorType).toBeUndefined();
  expect(pieces).toEqual(['🙂']);
});

test('holds the producer back as long as the reader does not read', async () => {
  let produced = 0;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const handler = streamHandler(streamContract({ format: 'bytes' }), async function* () {
    for (let i = 0; i < 400; i++) {
      produced++;
      yield new Uint8Array(65_536).fill(i);
    }
  });
  let paused = false;
  const run = runOnOfficialRuntime(handler, {
    onData: (_, request) => {
      if (paused) return;
      paused = true;
      request.pause();
      void released.then(() => request.resume());
    },
  });
  // Wait until the producer stands still, then let the reader go on.
  for (let before = -1; before !== produced || produced === 0; ) {
    before = produced;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const producedWhilePaused = produced;
  release();
  const { body } = await run;
  expect(body.length).toBe(400 * 65_536);
  expect(producedWhilePaused).toBeLessThan(200);
});
