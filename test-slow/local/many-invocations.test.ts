import { readdirSync } from 'node:fs';
import { type LocalLambda, startLocalLambda, streamOf } from '../../test/local/operations/local-lambda';

let lambda: LocalLambda;
afterEach(() => lambda.stop());

const SOURCE = `
let calls = 0;
export const handler = awslambda.streamifyResponse(async ({ lines, fail, exit }, stream) => {
  calls += 1;
  for (let i = 0; i < lines; i++) stream.write('line ' + i + '\\n');
  if (fail) throw new Error('on purpose');
  if (exit) process.exit(1);
  stream.end();
});`;

const textOf = (lines: number) => Array.from({ length: lines }, (_, i) => `line ${i}\n`).join('');

/** Linux only: what this process holds open. */
function openDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}

async function settled(): Promise<void> {
  const ended = () => lambda.logs.filter(({ message }) => message.startsWith('REPORT')).length;
  const started = () => lambda.logs.filter(({ message }) => message.startsWith('START')).length;
  await until(() => ended() >= started());
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

test('hundreds of invocations, good and bad, leave nothing open', async () => {
  lambda = await startLocalLambda({ idleMs: 200, rechunk: { seed: 3 } });
  const { functionName } = lambda.define(SOURCE);
  await streamOf(lambda.client, { FunctionName: functionName, event: { lines: 1 } });
  await settled();
  const before = openDescriptors();
  for (let round = 0; round < 20; round++) {
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, i) => {
        const event = { lines: i * 10, fail: i === 7, exit: i === 8 && round % 5 === 0 };
        return streamOf(lambda.client, { FunctionName: functionName, event });
      }),
    );
    outcomes.forEach(({ text, logTail }, i) => {
      if (i !== 8) expect(text).toBe(textOf(i * 10));
      expect(logTail).toMatch(/REPORT RequestId: \S+\t[^\n]*\n$/);
    });
    expect(outcomes[7]?.logTail).toContain('on purpose');
  }
  await settled();
  // Once the idle environments have ended; the pool of the SDK keeps up to ten connections, each with two ends here.
  await until(() => openDescriptors() - before <= 20);
});

test('a thousand small invocations of one function stay in one environment', async () => {
  // However long the machine pauses between two of them, the environment does not end.
  lambda = await startLocalLambda({ rechunk: { seed: 3 } });
  const { functionName } = lambda.define(SOURCE.replace("'line ' + i + '\\n'", 'String(calls)'));
  for (let call = 1; call <= 1_000; call++) {
    const { text } = await streamOf(lambda.client, {
      FunctionName: functionName,
      event: { lines: 1 },
      LogType: 'None',
    });
    expect(text).toBe(String(call));
  }
});
