import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeWithResponseStreamCommand } from '@aws-sdk/client-lambda';
import { type LocalLambda, startLocalLambda, streamOf } from './local-lambda';

// A guard against hanging on a busy machine, not a measure.
let lambda: LocalLambda;
beforeAll(async () => {
  lambda = await startLocalLambda();
});
afterAll(() => lambda.stop());

const WAIT = `
import { existsSync, writeFileSync } from 'node:fs';
const waitFor = async (file) => { while (!existsSync(file)) await new Promise((r) => setTimeout(r, 5)); };
`;

test('a streaming handler reaches the iterator of the SDK', async () => {
  const { functionName } = lambda.define(`
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      console.log('greeting', event.name);
      stream.write('hello ');
      stream.write(event.name);
      stream.end();
    });`);

  const outcome = await streamOf(lambda.client, {
    FunctionName: functionName,
    Qualifier: 'live',
    event: { name: 'wörld' },
  });

  expect(outcome.text).toBe('hello wörld');
  expect(outcome.executedVersion).toBe('1');
  expect(outcome.errorCode).toBeUndefined();
  expect(outcome.logTail).toMatch(
    /^START RequestId: \S+ Version: 1\n.*INFO\tgreeting wörld\nEND RequestId: \S+\nREPORT /s,
  );
});

test('the first chunk reaches the iterator while the handler still runs', async () => {
  const gate = join(lambda.folder, 'gate');
  const finished = join(lambda.folder, 'finished');
  const { functionName } = lambda.define(`${WAIT}
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      stream.write('first');
      await waitFor(event.gate);
      stream.write('second');
      stream.end();
      writeFileSync(event.finished, '');
    });`);
  const output = await lambda.client.send(
    new InvokeWithResponseStreamCommand({
      FunctionName: functionName,
      Payload: Buffer.from(JSON.stringify({ gate, finished })),
    }),
  );
  const seen: string[] = [];
  for await (const part of output.EventStream ?? []) {
    if (!part.PayloadChunk?.Payload) continue;
    seen.push(Buffer.from(part.PayloadChunk.Payload).toString());
    if (seen.length === 1) {
      expect(existsSync(finished)).toBe(false);
      writeFileSync(gate, '');
    }
  }
  expect(seen).toEqual(['first', 'second']);
});

test('the end of a stream waits for the function only where the log is asked for', async () => {
  const [early, gate] = ['early', 'late'].map((name) => join(lambda.folder, name)) as [string, string];
  const { functionName: FunctionName } = lambda.define(`${WAIT}
    export const handler = awslambda.streamifyResponse(async (gate, stream) => {
      stream.end('x');
      await waitFor(gate);
    });`);
  expect((await streamOf(lambda.client, { FunctionName, event: early, LogType: 'None' })).text).toBe('x');
  writeFileSync(early, '');
  const withLog = streamOf(lambda.client, { FunctionName, event: gate }).then(() => 'ended');
  expect(await Promise.race([withLog, new Promise((resolve) => setTimeout(resolve, 200, 'waits'))])).toBe('waits');
  writeFileSync(gate, '');
  expect(await withLog).toBe('ended');
});
