import { InvokeCommand, type InvokeCommandInput } from '@aws-sdk/client-lambda';
import { signedHeaders } from '../http/sign-request';
import { type LocalLambda, REGION, SECRET, startLocalLambda } from './local-lambda';

// A guard against hanging on a busy machine, not a measure.
let lambda: LocalLambda;
beforeAll(async () => {
  lambda = await startLocalLambda();
});
afterAll(() => lambda.stop());

const utf8 = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('utf8');

async function invoke(input: InvokeCommandInput) {
  const output = await lambda.client.send(new InvokeCommand(input));
  return { ...output, text: utf8(output.Payload), log: Buffer.from(output.LogResult ?? '', 'base64').toString('utf8') };
}

const ECHO = `export const handler = async (event, context) => {
  console.log('one\\ntwo');
  process.stdout.write('raw');
  return { event, context, env: process.env };
};`;

test('returns what a buffered handler returns, with version and log tail', async () => {
  const { functionName } = lambda.define(ECHO);
  const result = await invoke({
    FunctionName: `${functionName}:live`,
    Payload: Buffer.from('{"a":"ä"}'),
    LogType: 'Tail',
  });
  expect(result.StatusCode).toBe(200);
  expect(result.FunctionError).toBeUndefined();
  expect(result.ExecutedVersion).toBe('1');
  expect(JSON.parse(result.text).event).toEqual({ a: 'ä' });
  expect(result.log).toMatch(
    /^START RequestId: (\S+) Version: 1\n\S+Z\t\1\tINFO\tone\ntwo\nraw\nEND RequestId: \1\nREPORT RequestId: \1\t/,
  );
});

test('the log tail holds the last line, however much was logged before it', async () => {
  const { functionName } = lambda.define(`export const handler = async () => {
    for (let i = 0; i < 3000; i++) console.log('x'.repeat(100));
    console.log('the last line');
  };`);
  for (const state of ['cold', 'warm', 'warm again']) {
    const { log } = await invoke({ FunctionName: functionName, LogType: 'Tail' });
    expect([state, log.slice(log.indexOf('the last line'))]).toEqual([
      state,
      expect.stringMatching(/^the last line\nEND RequestId: \S+\nREPORT/),
    ]);
  }
});

test('gives the function the context and environment of Lambda, and nothing of the host', async () => {
  process.env['LEAKED_FROM_HOST'] = 'yes';
  const { functionName, functionArn } = lambda.define(ECHO, { environment: { OWN: 'value', AWS_REGION: 'mine' } });
  const context = Buffer.from(JSON.stringify({ custom: { trace: 'ü' } })).toString('base64');
  const result = await invoke({
    FunctionName: functionName,
    Qualifier: 'live',
    ClientContext: context,
    TenantId: 'blue',
  });
  delete process.env['LEAKED_FROM_HOST'];
  const seen = JSON.parse(result.text);
  expect(seen.context).toMatchObject({
    functionName,
    functionVersion: '1',
    memoryLimitInMB: '256',
    invokedFunctionArn: `${functionArn}:live`,
    logGroupName: `/aws/lambda/${functionName}`,
    clientContext: { custom: { trace: 'ü' } },
    tenantId: 'blue',
    awsRequestId: result.$metadata.requestId,
  });
  expect(seen.env).toMatchObject({
    OWN: 'value',
    AWS_REGION: 'eu-west-1',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/),
    _HANDLER: 'index.handler',
    LAMBDA_TASK_ROOT: `${lambda.folder}/${functionName}`,
  });
  expect(seen.env['LEAKED_FROM_HOST']).toBeUndefined();
  expect(seen.env['NODE_OPTIONS']).toBeUndefined();
});

test('joins what a streaming handler writes and keeps its content type', async () => {
  const { functionName } = lambda.define(`export const handler = awslambda.streamifyResponse(async (event, stream) => {
    stream.setContentType('text/csv');
    stream.write('a,'); stream.write('b'); stream.end();
  });`);
  const result = await invoke({ FunctionName: functionName });
  expect(result.text).toBe('a,b');
  const url = `${lambda.url}/2015-03-31/functions/${functionName}/invocations`;
  const keys = { accessKeyId: 'AKIATEST', secretAccessKey: SECRET };
  const answer = await fetch(url, {
    method: 'POST',
    headers: await signedHeaders(url, REGION, keys, { method: 'POST' }),
  });
  expect([answer.headers.get('content-type'), await answer.text()]).toEqual(['text/csv', 'a,b']);
});

test('a handler that throws is a function error with type, message and trace', async () => {
  const { functionName } = lambda.define(`export const handler = async () => { throw new RangeError('no'); };`);
  const result = await invoke({ FunctionName: functionName, LogType: 'Tail' });
  expect(result.StatusCode).toBe(200);
  expect(result.FunctionError).toBe('Unhandled');
  expect(JSON.parse(result.text)).toEqual({ errorType: 'RangeError', errorMessage: 'no', trace: expect.any(Array) });
  expect(result.log).toContain('ERROR\tInvoke Error \t{"errorType":"RangeError"');
});

test.each([
  ['a buffered handler', 'export const handler = async (event) => "x".repeat(event);'],
  [
    'a streaming handler',
    'export const handler = awslambda.streamifyResponse(async (event, stream) => { stream.write(JSON.stringify("x".repeat(event))); stream.end(); });',
  ],
])('%s may return exactly as much as AWS allows', async (_, source) => {
  const { functionName } = lambda.define(source);
  // Two quotes are part of the response.
  const largest = await invoke({ FunctionName: functionName, Payload: Buffer.from(String(6_291_556 - 2)) });
  expect(largest.FunctionError).toBeUndefined();
  expect(largest.Payload?.length).toBe(6_291_556);
  const larger = await invoke({ FunctionName: functionName, Payload: Buffer.from(String(6_291_556 - 1)) });
  expect(larger.FunctionError).toBe('Unhandled');
  expect(JSON.parse(larger.text)).toEqual({
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
  });
  const again = await invoke({ FunctionName: functionName, Payload: Buffer.from('1') });
  expect(again.text).toBe('"x"');
});

test('DryRun checks and does not run', async () => {
  const { functionName } = lambda.define(`process.exit(1);`);
  const result = await invoke({ FunctionName: functionName, InvocationType: 'DryRun' });
  expect(result.StatusCode).toBe(204);
  await expect(invoke({ FunctionName: 'missing', InvocationType: 'DryRun' })).rejects.toThrow('Function not found');
});

test('Event answers before the function is done', async () => {
  const { functionName } = lambda.define(`export const handler = async () => console.log('ran later');`);
  const result = await invoke({ FunctionName: functionName, InvocationType: 'Event' });
  expect(result.StatusCode).toBe(202);
  await waitUntil(() => lambda.logs.some(({ message }) => message.includes('ran later')));
});

test('an empty payload arrives as an empty object', async () => {
  const { functionName } = lambda.define('export const handler = async (event) => event;');
  expect((await invoke({ FunctionName: functionName })).text).toBe('{}');
});

test('a warm environment keeps its memory; changed code gets a new one', async () => {
  const source = 'let count = 0; export const handler = async () => ++count;';
  const definition = lambda.define(source);
  const FunctionName = definition.functionName;
  expect((await invoke({ FunctionName })).text).toBe('1');
  expect((await invoke({ FunctionName })).text).toBe('2');
  const latest = definition.versions.get('$LATEST');
  if (latest) definition.versions.set('$LATEST', { ...latest });
  expect((await invoke({ FunctionName })).text).toBe('1');
});

test('concurrent invocations get environments of their own', async () => {
  const { functionName } = lambda.define(
    'export const handler = async () => { await new Promise((r) => setTimeout(r, 100)); return process.pid; };',
  );
  const results = await Promise.all([1, 2, 3].map(() => invoke({ FunctionName: functionName })));
  expect(new Set(results.map(({ text }) => text)).size).toBe(3);
});

async function waitUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('the trace that the function sees is in the head of the response, whoever began it', async () => {
  const { functionName } = lambda.define('export const handler = async () => process.env._X_AMZN_TRACE_ID;');
  const traced = async (operation: string, headers: Record<string, string> = {}) => {
    const url = `${lambda.url}/${operation}`;
    const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: SECRET };
    const signed = await signedHeaders(url, REGION, credentials, { method: 'POST', headers });
    const response = await fetch(url, { method: 'POST', headers: { ...signed, ...headers } });
    return { trace: response.headers.get('x-amzn-trace-id'), status: response.status, body: await response.text() };
  };
  const buffered = `2015-03-31/functions/${functionName}/invocations`;
  const streamed = `2021-11-15/functions/${functionName}/response-streaming-invocations`;
  const given = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
  for (const operation of [buffered, streamed]) {
    const own = await traced(operation);
    expect(own.trace).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/);
    expect(own.body).toContain(`"${own.trace}"`);
    const passedOn = await traced(operation, { 'x-amzn-trace-id': given });
    expect(passedOn.trace).toBe(given);
    expect(passedOn.body).toContain(`"${given}"`);
  }
  expect(await traced(buffered, { 'x-amz-invocation-type': 'Event', 'x-amzn-trace-id': given })).toMatchObject({
    status: 202,
    trace: given,
  });
});
