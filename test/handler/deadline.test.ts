/** What happens shortly before the function's timeout. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamHandler } from 'cdk-lambda-streaming/handler';
import { chat, echo } from './echo';
import { lambdaContext, runOnOfficialRuntime } from './official-runtime';

const text = (body: Buffer) => body.toString('utf8');

test('ends with DeadlineExceeded shortly before the timeout; the signal aborts, the invocation fails', async () => {
  let aborted: unknown;
  const handler = streamHandler(
    chat,
    async function* (_, ctx) {
      ctx.signal.addEventListener('abort', () => {
        aborted = ctx.signal.reason;
      });
      yield { token: 'a' };
      await new Promise(() => undefined);
      return { tokens: 1 };
    },
    { deadlineMarginMs: 59_900 },
  );
  const received = await runOnOfficialRuntime(handler, { event: { prompt: '' } });
  expect(text(received.body)).toContain('{"token":"a"}\n{"$stream":{"error":{"type":"DeadlineExceeded"');
  expect(received.errorType).toBe('DeadlineExceeded');
  expect(aborted).toMatchObject({ name: 'DeadlineExceeded' });
});

test('leaves no timer behind', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
  const before = timers();
  await echo({ prompt: 'a' }, lambdaContext());
  expect(timers()).toBe(before);
});

test('takes no chunk after its deadline, and lets the producer clean up', async () => {
  let cleanedUp: () => void = () => undefined;
  const cleaned = new Promise<void>((resolve) => {
    cleanedUp = resolve;
  });
  const handler = streamHandler(
    streamContract({ format: 'ndjson' }),
    async function* (_, ctx) {
      try {
        while (!ctx.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
        yield 'late';
      } finally {
        cleanedUp();
      }
    },
    { deadlineMarginMs: 59_000 },
  );
  const { body } = await runOnOfficialRuntime(handler);
  expect(text(body)).not.toContain('late');
  await cleaned;
});

test('ends a producer at its deadline that never waits', async () => {
  const handler = streamHandler(
    streamContract({ format: 'text' }),
    async function* () {
      for (;;) yield 'x';
    },
    { deadlineMarginMs: 59_900 },
  );
  await expect(runOnOfficialRuntime(handler)).resolves.toMatchObject({ errorType: 'DeadlineExceeded' });
});
