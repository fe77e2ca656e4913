/** What the invoker's error tells of a function that failed here, though nobody asked for its log. */
import { InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { type StreamError, type StreamInvokerOptions, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { rejection } from '../../invoker/read-stream';
import { functionResources, removeFolders, writeAssembly } from '../engine/write-assembly';

const ROOT = 'arn:aws:iam::111111111111:root';
const lines = streamContract({ format: 'ndjson' });
const text = streamContract({ format: 'text' });

let local: LocalTarget;
beforeAll(async () => {
  local = await startLocal();
});
afterAll(async () => {
  await local.stop();
  removeFolders();
});

const streaming = (body: string) =>
  `exports.handler = awslambda.streamifyResponse(async (event, stream) => { console.log('before it failed'); ${body} });`;

/** Deploys a function with this source and reads its stream to the end. */
async function read(
  source: string,
  contract: typeof lines | typeof text,
  options: Partial<StreamInvokerOptions> = {},
  event: object = {},
  Timeout = 5,
): Promise<unknown> {
  const resources = functionResources({ FunctionName: 'fails', Timeout, Code: { ZipFile: source } });
  await local.deploy(writeAssembly({ S: { template: { Resources: resources } } }));
  const clientConfig = local.clientConfig({ as: ROOT });
  const invoker = streamInvoker(contract, { functionName: 'fails', clientConfig, ...options } as StreamInvokerOptions);
  try {
    return (await invoker.invoke(event)).result;
  } finally {
    invoker.close();
  }
}

/** Runs into a service that nobody answers for. */
const ask = (operation: string) => `await fetch(process.env.AWS_ENDPOINT_URL, { method: 'POST', body: '{}', headers: {
  authorization: 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20260101/us-east-1/dynamodb/aws4_request',
  'x-amz-target': 'DynamoDB_20120810.${operation}' } });`;
const marker = (members: object) => `stream.write(${JSON.stringify(`${JSON.stringify({ $stream: members })}\n`)});`;
const flushed = "stream.write('1\\n', () => setTimeout(() => process.exit(7), 50)); await new Promise(() => {});";

const twoChunks = "await new Promise((sent) => stream.write('1\\n2\\n', () => setTimeout(sent, 50)));";
const killed = "stream.write('1\\n', () => process.kill(process.pid, 'SIGKILL')); await new Promise(() => {});";

const errorOf = async (...args: Parameters<typeof read>) => (await rejection(read(...args))) as StreamError;

describe('the error of a function that failed has the log in its text', () => {
  test.each([
    [
      'throws',
      streaming('throw new TypeError("boom");'),
      /ERROR\tInvoke Error \t\{"errorType":"TypeError","errorMessage":"boom"/,
    ],
    ['throws while it is loaded', 'throw new Error("at load");', /ERROR\tInit Error \t.*at load/],
    [
      'ends its process',
      streaming(flushed),
      /Error: Runtime exited with error: exit status 7\n {2}\| Runtime\.ExitError\n/,
    ],
    [
      'is killed',
      streaming(killed),
      / {2}\| RequestId: \S+ Error: Runtime exited with error: signal: killed\n {2}\| Runtime\.ExitError\n/,
    ],
    [
      'has an error that nobody catches',
      streaming('setTimeout(() => { throw new RangeError("late"); }); await new Promise(() => {});'),
      /\n {2}\| RangeError: late\n/,
    ],
  ])('one that %s', async (_, source, logged) => {
    const error = await errorOf(source, lines);
    expect(error).toMatchObject({ code: 'TRUNCATED', where: 'marker', logTail: undefined });
    expect(error.message).toMatch(logged);
    expect(error.message).toMatch(/\n {2}\| REPORT RequestId: [^\n]+$/);
    expect(error.rawMessage).toMatch(/^the function ended without the contract's end marker: [^\n|]+$/);
    expect(error.stack).toContain(error.message);
  });

  test.each([
    [
      'exits',
      streaming(flushed),
      'it failed: Runtime.ExitError: Runtime exited with error: exit status 7 (after 1 chunk)',
    ],
    [
      'exits at once',
      streaming('process.exit(0);'),
      'it failed: Runtime.ExitError: Runtime exited without providing a reason',
    ],
    [
      'exits while it is loaded',
      'process.exit(9);',
      'it failed: Runtime.ExitError: Runtime exited with error: exit status 9',
    ],
    [
      'is killed',
      streaming(killed),
      'it failed: Runtime.ExitError: Runtime exited with error: signal: killed (after 1 chunk)',
    ],
    ['times out', streaming(`${twoChunks} await new Promise(() => {});`), 'it timed out (after 2 chunks)'],
  ])(
    'whose first line tells how the process of one that %s ended, and after how many chunks',
    async (_, source, why) => {
      const error = await errorOf(source, lines, {}, {}, why.startsWith('it timed out') ? 1 : 5);
      expect(error.rawMessage).toBe(`the function ended without the contract's end marker: ${why}`);
    },
  );

  test('whose first line tells the place of an error, and the chunks before it', async () => {
    const error = await errorOf(streaming(`${twoChunks} throw new TypeError('boom');`), lines);
    expect(error.rawMessage).toMatch(/: it failed: TypeError: boom \(at \/.*\/index\.js:1:\d+; after 2 chunks\)$/);
  });

  test('of which 4 KB remain', async () => {
    const { message } = await errorOf(
      streaming(`for (let i = 0; i < 100; i++) console.log('x'.repeat(99)); throw 1;`),
      lines,
    );
    const log = message.slice(message.indexOf("The function's log:\n"));
    expect(log.length).toBeGreaterThan(4_096);
    expect(log.replaceAll('\n  | ', '\n').length).toBeLessThanOrEqual(4_096 + "The function's log:\n".length);
  });

  test('also where the handler itself reported the error that failed it, and with its place', async () => {
    const failure = { error: { type: 'TypeError', message: 'boom' } };
    const error = await errorOf(streaming(`${marker(failure)} throw new TypeError('boom');`), lines);
    expect(error).toMatchObject({ code: 'REMOTE', errorType: 'TypeError', logTail: undefined });
    expect(error.rawMessage).toMatch(/^TypeError: boom \(at \/.*\/index\.js:1:\d+\)$/);
    expect(error.message).toMatch(/\n {2}\| \S+\t\S+\tINFO\tbefore it failed\n/);
  });

  test('not where it is there already', async () => {
    const error = await errorOf(streaming(flushed), lines, { logs: 'tail' });
    expect(error.logTail).toMatch(/Error: Runtime exited with error: exit status 7\nRuntime\.ExitError\n/);
    expect(error.message).toBe(
      '[FUNCTION_ERROR] the function failed: Runtime.ExitError: Runtime exited with error: exit status 7 ' +
        '(found in its log; the platform reported success; after 1 chunk)',
    );
  });

  test('not where the handler answered with an error on purpose', async () => {
    const error = await errorOf(
      streaming(`${marker({ error: { type: 'QuotaExceeded', message: 'no tokens left' } })} stream.end();`),
      lines,
    );
    expect(error.message).toBe('[REMOTE] QuotaExceeded: no tokens left');
  });
});

describe('calls to other services that were refused are counted in the error', () => {
  const calls = `${ask('PutItem')} ${ask('GetItem')} ${ask('PutItem')}`;
  const COUNT =
    'The local target refused 3 calls of the function to other AWS services: dynamodb PutItem, dynamodb GetItem';

  test('of a function that failed, whose log has them', async () => {
    const { message } = await errorOf(streaming(`${calls} throw new Error('no item');`), lines);
    expect(message).toContain(`\n  | ${COUNT}\n  | The function's log:\n`);
    expect(message.match(/ {2}\| the local target does not play dynamodb, which was asked for PutItem/g)).toHaveLength(
      2,
    );
  });

  test('of one that made its own error of them', async () => {
    const source = streaming(
      `${calls} ${marker({ error: { type: 'Unavailable', message: 'try again' } })} stream.end();`,
    );
    expect((await errorOf(source, lines)).message).toBe(`[REMOTE] Unavailable: try again\n  | ${COUNT}`);
  });

  test('also with the log tail', async () => {
    const { logTail, message } = await errorOf(streaming(`${calls} throw new Error('no item');`), lines, {
      logs: 'tail',
    });
    expect(message).toMatch(/^\[FUNCTION_ERROR\] the function failed: Error: no item \([^\n]+\n {2}\| /);
    expect(message).toContain(COUNT);
    expect(message).not.toContain("The function's log");
    expect(logTail).toContain('the local target does not play dynamodb');
  });

  test('once per invocation', async () => {
    const source = streaming(`if (event.first) { ${ask('PutItem')} } throw new Error('no item');`);
    const counted = /refused a call of the function to other AWS services: dynamodb PutItem\n/;
    expect((await errorOf(source, lines, {}, { first: true })).message).toMatch(counted);
    expect((await errorOf(source, lines, {}, {})).message).not.toContain('refused a call');
  });
});

test('what AWS calls a success stays one', async () => {
  expect(await read(streaming("stream.write('begun'); throw new Error('boom');"), text)).toMatchObject({
    logTail: undefined,
  });
  expect(await read(streaming(`${ask('PutItem')} stream.end('done');`), text)).toMatchObject({ logTail: undefined });
});

test("AWS's own client reads the same response as before", async () => {
  await read(streaming("stream.write('begun'); throw new Error('boom');"), text);
  const client = new LambdaClient(local.clientConfig({ as: ROOT }));
  const { EventStream } = await client.send(new InvokeWithResponseStreamCommand({ FunctionName: 'fails' }));
  const events: unknown[] = [];
  for await (const event of EventStream ?? []) events.push(event);
  client.destroy();
  expect(events).toEqual([{ PayloadChunk: { Payload: new Uint8Array(Buffer.from('begun')) } }, { InvokeComplete: {} }]);
});
