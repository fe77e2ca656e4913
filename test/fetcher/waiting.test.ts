/** What may hang before and beside the response headers, and that clocks and signals of the caller end it. */
import { getEventListeners } from 'node:events';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { chat, line, NDJSON } from './support/contracts';
import { failureOf, useDoors } from './support/door-server';

const startDoor = useDoors();
const silent = streamContract({
  format: 'text',
  input: { '~standard': { version: 1, vendor: 'test', validate: () => new Promise<never>(() => undefined) } },
});

test.each(['headers', 'total'])(
  'an input schema that never answers ends by %sMs, and nothing is sent',
  async (kind) => {
    const door = await startDoor({});
    const fetcher = streamFetcher(silent, { url: door.url, sign: 'none', timeouts: { [`${kind}Ms`]: 30 } });
    expect(await failureOf(fetcher.invoke({}))).toMatchObject({
      code: 'TIMEOUT',
      kind,
      invoked: 'no',
      phase: 'input',
      message: expect.stringContaining("the input schema's answer did not arrive"),
    });
    expect(door.requests).toHaveLength(0);
  },
);

test("an input schema that never answers ends by the caller's signal", async () => {
  const control = new AbortController();
  setTimeout(() => control.abort('enough'), 20);
  const fetcher = streamFetcher(silent, { url: 'http://127.0.0.1:1/', sign: 'none' });
  const error = await failureOf(fetcher.invoke({}, { signal: control.signal }));
  expect(error).toMatchObject({ code: 'ABORTED', cause: 'enough', invoked: 'no' });
  expect(getEventListeners(control.signal, 'abort')).toHaveLength(0);
});

test.each(['headersMs', 'totalMs'])('a refusal whose body stalls is told also where %s runs out', async (clock) => {
  const door = await startDoor({ status: 503, pieces: ['{"message":"over'], end: 'never' });
  const fetcher = streamFetcher(chat, { url: door.url, sign: 'none', timeouts: { [clock]: 1_000 }, retry: false });
  expect(await failureOf(fetcher.invoke({ prompt: '' }))).toMatchObject({ code: 'SERVICE', statusCode: 503 });
});

test('calls share one listener of a signal, and an abort reaches them all', async () => {
  const door = await startDoor({ headers: NDJSON, pieces: [line({ token: 'a' })], end: 'never' });
  const control = new AbortController();
  const { signal } = control;
  const fetcher = streamFetcher(chat, { url: door.url, sign: 'none' });
  const streams = await Promise.all(Array.from({ length: 12 }, () => fetcher.invoke({ prompt: '' }, { signal })));
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  const ends = Promise.all(streams.map((stream) => failureOf(stream.collect())));
  control.abort('all');
  for (const error of await ends) expect(error).toMatchObject({ code: 'ABORTED', cause: 'all' });
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});
