import { streamContract } from 'cdk-lambda-streaming/contract';
import { embeddedMetrics, streamHandler } from 'cdk-lambda-streaming/handler';
import { runOnOfficialRuntime } from './official-runtime';

const contract = streamContract({ format: 'text' });
const metrics = embeddedMetrics({ namespace: 'Chat', dimensions: { Function: 'chat' } });

/** The lines written to standard output while `run` runs. */
async function linesOf(run: () => Promise<unknown>): Promise<Record<string, unknown>[]> {
  const lines: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((line) => {
    lines.push(String(line));
    return true;
  });
  try {
    await run();
  } finally {
    write.mockRestore();
  }
  return lines.map((line) => JSON.parse(line));
}

test('one line in embedded metric format says how the stream went', async () => {
  const handler = streamHandler(
    contract,
    async function* () {
      yield 'zwölf';
      yield '!';
    },
    { metrics },
  );
  const [line, ...more] = await linesOf(() => runOnOfficialRuntime(handler));
  expect(more).toEqual([]);
  expect(line).toMatchObject({
    _aws: {
      Timestamp: expect.any(Number),
      CloudWatchMetrics: [
        {
          Namespace: 'Chat',
          Dimensions: [['Function']],
          Metrics: [
            { Name: 'TimeToFirstByte', Unit: 'Milliseconds' },
            { Name: 'Duration', Unit: 'Milliseconds' },
            { Name: 'Bytes', Unit: 'Bytes' },
            { Name: 'Chunks', Unit: 'Count' },
            { Name: 'Failures', Unit: 'Count' },
          ],
        },
      ],
    },
    Function: 'chat',
    Bytes: 7,
    Chunks: 2,
    Failures: 0,
    Outcome: 'complete',
    requestId: '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
  });
});

test('a failure counts, its type is a property, and a time that was not measured is no metric', async () => {
  const handler = streamHandler(
    contract,
    async function* (): AsyncGenerator<string> {
      yield '';
      throw new TypeError('no');
    },
    { metrics },
  );
  const [line] = await linesOf(() => runOnOfficialRuntime(handler));
  expect(line).toMatchObject({ Failures: 1, Outcome: 'TypeError', Chunks: 1, Bytes: 0 });
  expect(line).not.toHaveProperty('TimeToFirstByte');
  expect(JSON.stringify(line)).not.toContain('"Name":"TimeToFirstByte"');
});

test('any function can take the measurement', async () => {
  const measured: unknown[] = [];
  const handler = streamHandler(
    contract,
    async function* () {
      yield 'a';
    },
    { metrics: (one) => measured.push(one) },
  );
  await runOnOfficialRuntime(handler);
  expect(measured).toMatchObject([{ outcome: 'complete', bytes: 1, chunks: 1 }]);
});
