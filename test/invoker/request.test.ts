/** What is sent, what is refused before anything is sent, and what each refusal of the service becomes. */
import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { type ContractTypes, type StreamContract, streamContract } from 'cdk-lambda-streaming/contract';
import { type StreamHooks, type StreamInvokerOptions, StreamTarget, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { z } from 'zod';
import { invokeComplete, payloadChunk, readToEnd, rejection } from './read-stream';
import { type Answer, REQUEST_ID, type SeenRequest, serviceError, stream, useWireServer } from './wire-server';

const text: StreamContract<ContractTypes> = streamContract({ format: 'text' });

const ALIAS = 'arn:aws:lambda:us-east-1:111122223333:function:f:live';
const wire = useWireServer();

const ok: Answer = stream([payloadChunk('ok'), invokeComplete()]);

async function send(
  options: Partial<StreamInvokerOptions>,
  input: unknown = {},
  contract = text,
): Promise<SeenRequest> {
  wire.answer(ok);
  const invoker = streamInvoker(contract, {
    functionName: 'f',
    client: wire.client(),
    ...options,
  } as StreamInvokerOptions);
  expect(await readToEnd(await invoker.invoke(input))).toMatchObject({ chunks: ['ok'] });
  const [request] = wire.requests;
  if (request === undefined) throw new Error('nothing was sent');
  return request;
}

describe('a request', () => {
  const path = (label: string, query = '') => `/2021-11-15/functions/${label}/response-streaming-invocations${query}`;
  test.each([
    ['a name', { functionName: 'chat' }, path('chat')],
    ['a name with an alias', { functionName: 'chat:live' }, path('chat%3Alive')],
    ['a name and a qualifier', { functionName: 'chat', qualifier: 'live' }, path('chat', '?Qualifier=live')],
    [
      'an ARN with an alias',
      { functionName: 'arn:aws:lambda:us-east-1:111122223333:function:chat:live' },
      path('arn%3Aaws%3Alambda%3Aus-east-1%3A111122223333%3Afunction%3Achat%3Alive'),
    ],
    ['a partial ARN', { functionName: '111122223333:function:chat' }, path('111122223333%3Afunction%3Achat')],
    ['a version', { functionName: 'chat', qualifier: '$LATEST' }, path('chat', '?Qualifier=%24LATEST')],
  ])('names the function by %s exactly', async (_, name, url) => {
    expect(await send(name)).toMatchObject({ method: 'POST', url });
  });

  test('goes to the function of a target', async () => {
    const functionName = undefined;
    const target = StreamTarget.fromArn('arn:aws:lambda:us-east-1:111122223333:function:chat:live');
    const { url } = await send({ target, functionName });
    expect(url).toContain('function%3Achat%3Alive/');
  });

  test('is signed for Lambda and asks for the log tail, tenant and client context as told', async () => {
    const { headers, body } = await send(
      { logs: 'tail', tenantId: 'blue', clientContext: { custom: { a: 'é' } } },
      { q: 1 },
    );
    expect(headers).toMatchObject({ 'x-amz-log-type': 'Tail', 'x-amz-tenant-id': 'blue' });
    expect(headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/lambda\/aws4_request/,
    );
    expect(headers.authorization).toContain('x-amz-tenant-id');
    expect(decodeContext(headers)).toEqual({ custom: { a: 'é' } });
    expect(body).toBe('{"q":1}');
  });

  test('carries no log type, tenant or client context unless told', async () => {
    const { headers } = await send({});
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['x-amz-log-type']));
    expect(headers['x-amz-tenant-id']).toBeUndefined();
    expect(headers['x-amz-client-context']).toBeUndefined();
  });

  test('of a call without input carries an empty object, which handlers can take apart', async () => {
    expect((await send({}, undefined)).body).toBe('{}');
    expect((await send({}, null)).body).toBe('null');
  });

  test("carries the caller's input, not what the schema makes of it: that is the handler's to do", async () => {
    const contract = streamContract({ format: 'text', input: z.object({ n: z.string().transform(Number) }) });
    expect((await send({}, { n: '5' }, contract as StreamContract<ContractTypes>)).body).toBe('{"n":"5"}');
  });

  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

  test('carries the trace context beside the own custom context', async () => {
    const { headers } = await send({ traceparent: () => traceparent, clientContext: { custom: { a: 1 } } });
    expect(decodeContext(headers)).toEqual({ custom: { a: 1, traceparent } });
  });

  test('leaves the trace context out with a warning where there is no room for it', async () => {
    const warnings: string[] = [];
    const hooks: StreamHooks = { onWarning: (message) => warnings.push(message) };
    const clientContext = { custom: { a: 'x'.repeat(2_650) } };
    const { headers } = await send({ traceparent, clientContext, hooks });
    expect(decodeContext(headers)).toEqual(clientContext);
    expect(warnings).toEqual(['traceparent was left out: the client context has no room for it']);
  });

  test('goes where AWS_ENDPOINT_URL_LAMBDA points when no client is given', async () => {
    wire.answer(ok);
    const before = { ...process.env };
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_LAMBDA: wire.endpoint,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'AKIDENV',
      AWS_SECRET_ACCESS_KEY: 'secret',
    });
    try {
      const invoker = streamInvoker(text, { functionName: 'f' });
      await (await invoker.invoke({})).collect();
      invoker.close();
    } finally {
      process.env = before;
    }
    expect(wire.requests[0]?.headers.authorization).toMatch(/AKIDENV\/\d{8}\/eu-west-1\/lambda/);
  });

  test('of an own client takes its region from the ARN', async () => {
    wire.answer(ok);
    const { endpoint, credentials } = wire.clientConfig;
    const functionName = 'arn:aws:lambda:ap-south-1:111122223333:function:chat';
    const invoker = streamInvoker(text, { functionName, clientConfig: { endpoint, credentials } });
    await (await invoker.invoke({})).collect();
    invoker.close();
    expect(wire.requests[0]?.headers.authorization).toContain('/ap-south-1/lambda/');
  });
});

function decodeContext(headers: SeenRequest['headers']): unknown {
  return JSON.parse(Buffer.from(String(headers['x-amz-client-context']), 'base64').toString());
}

describe('before anything is sent', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  const strict = streamContract({
    format: 'text',
    input: z.object({ n: z.number() }),
  }) as StreamContract<ContractTypes>;

  test.each<[string, unknown, object, StreamContract<ContractTypes>?]>([
    ['an input that breaks the schema', { n: 'x' }, { code: 'INPUT_INVALID', issues: [{ path: ['n'] }] }, strict],
    ['an input that is not JSON', cyclic, { code: 'INPUT_INVALID', message: expect.stringContaining('must be JSON') }],
    [
      'an input that is a function',
      () => 1,
      { code: 'INPUT_INVALID', message: expect.stringContaining('got function') },
    ],
    ['an input of 6 MiB and one byte', 'x'.repeat(6_291_455), { code: 'REQUEST_TOO_LARGE', limitBytes: 6_291_456 }],
  ])('%s is refused', async (...[, input, expected, contract = text]) => {
    wire.answer(ok);
    const error = await rejection(streamInvoker(contract, { functionName: 'f', client: wire.client() }).invoke(input));
    expect(error).toMatchObject({ phase: 'input', invoked: 'no', retryable: false, ...expected });
    expect(wire.requests).toHaveLength(0);
  });

  test('an input of exactly 6 MiB is sent', async () => {
    expect((await send({}, 'x'.repeat(6_291_454))).body).toHaveLength(6_291_456);
  });

  test.each([
    ['a name of 65 characters', { functionName: 'x'.repeat(65) }, '64'],
    ['an ARN of another service', { functionName: 'arn:aws:s3:::bucket' }, 'arn:aws:s3:::bucket'],
    ['an alias in the name and another one beside it', { functionName: 'f:live', qualifier: 'beta' }, 'beta'],
    ['an empty qualifier', { functionName: 'f', qualifier: '' }, 'qualifier'],
  ])('%s is refused where the invoker is made', (_, options, word) => {
    const make = () => streamInvoker(text, options);
    expect(make).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(word) }));
  });

  test('a client context over 3,583 bytes is refused', async () => {
    wire.answer(ok);
    const clientContext = { custom: { a: 'x'.repeat(2_672) } };
    const invoker = streamInvoker(text, { functionName: 'f', client: wire.client(), clientContext });
    const error = await rejection(invoker.invoke({}));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('3583') });
    expect(wire.requests).toHaveLength(0);
  });

  test('credentials that cannot be found are told as such', async () => {
    wire.answer(ok);
    const credentials = async () => {
      throw Object.assign(new Error('Could not load credentials from any providers'), {
        name: 'CredentialsProviderError',
      });
    };
    const error = await rejection(
      streamInvoker(text, { functionName: 'f', client: wire.client({ credentials }) }).invoke({}),
    );
    expect(error).toMatchObject({ code: 'ACCESS_DENIED', reason: 'credentials', invoked: 'no', phase: 'input' });
    expect(String(error)).toMatch(/no credentials were found: .*Could not load.*pass clientConfig.credentials/);
    expect(wire.requests).toHaveLength(0);
  });

  test.each<[string, unknown, boolean]>([
    ['by its own fault', new Error('no profile'), false],
    ['for want of a connection', Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' }), true],
    ['by another service, in its words', Object.assign(new Error('not yours'), { name: 'AccessDenied' }), false],
  ])('a credentials provider that fails %s is no wrong input', async (_, cause, retryable) => {
    const client = wire.client({ credentials: () => Promise.reject(cause) });
    const invoker = streamInvoker(text, { functionName: 'f', client, retry: false });
    const expected = { code: 'ACCESS_DENIED', reason: 'credentials', invoked: 'no', phase: 'input', retryable, cause };
    const error = await rejection(invoker.invoke({}));
    expect(error).toMatchObject(expected);
    expect(String(error)).toContain(`the credentials provider failed: ${(cause as Error).message}`);
    expect(await invoker.dryRun()).toMatchObject({ allowed: false, reason: 'credentials' });
    expect(wire.requests).toHaveLength(0);
  });

  test('credentials that never come do not hold the call longer than its clock', async () => {
    const credentials = () => new Promise<never>(() => undefined);
    const client = wire.client({ credentials });
    const invoker = streamInvoker(text, { functionName: 'f', client, timeouts: { headersMs: 50 }, retry: false });
    expect(await rejection(invoker.invoke({}))).toMatchObject({ code: 'TIMEOUT', kind: 'headers', invoked: 'no' });
  });

  test('a region that is missing is told as such', async () => {
    const region = (): Promise<string> => Promise.reject(new Error('Region is missing'));
    const client = wire.client({ region });
    const error = await rejection(streamInvoker(text, { functionName: 'f', client }).invoke({}));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('Region is missing') });
    expect(String(error)).toContain('pass clientConfig.region or a client with a region, set AWS_REGION');
  });
});

describe('a refusal of the service', () => {
  const invoke = (options: Partial<StreamInvokerOptions> = {}) =>
    streamInvoker(text, {
      functionName: 'f',
      client: wire.client(),
      retry: { baseDelayMs: 1, maxDelayMs: 1 },
      ...options,
    } as StreamInvokerOptions).invoke({});

  test.each<[number, string, object, object, number]>([
    [
      403,
      'AccessDeniedException',
      { Message: 'User: u is not authorized' },
      { code: 'ACCESS_DENIED', reason: 'unknown', invoked: 'no', retryable: false },
      1,
    ],
    [
      403,
      'AccessDeniedException',
      {
        Message: `User: u is not authorized to perform: lambda:InvokeFunction on resource: ${ALIAS} because no identity-based policy allows the lambda:InvokeFunction action`,
      },
      { code: 'ACCESS_DENIED', message: expect.stringContaining('action; fn.streamGrants.invoke(role) in the app') },
      1,
    ],
    [
      403,
      'ExpiredTokenException',
      { message: 'expired' },
      { code: 'ACCESS_DENIED', message: expect.stringContaining('not accepted'), reason: 'credentials' },
      1,
    ],
    [404, 'ResourceNotFoundException', { Message: 'Function not found: f' }, { code: 'NOT_FOUND', invoked: 'no' }, 1],
    [
      413,
      'RequestEntityTooLargeException',
      { Message: '6291457 bytes' },
      { code: 'REQUEST_TOO_LARGE', invoked: 'no' },
      1,
    ],
    [
      429,
      'TooManyRequestsException',
      { Message: 'Rate Exceeded.', Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' },
      {
        code: 'THROTTLED',
        reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
        invoked: 'no',
        retryable: true,
      },
      3,
    ],
    [
      502,
      'KMSDisabledException',
      { Message: 'key is off' },
      { code: 'SERVICE', errorName: 'KMSDisabledException', statusCode: 502, invoked: 'no', retryable: false },
      1,
    ],
    [
      502,
      'EC2ThrottledException',
      { Message: 'wait' },
      { code: 'SERVICE', errorName: 'EC2ThrottledException', invoked: 'no', retryable: true },
      3,
    ],
    [
      409,
      'ResourceConflictException',
      { Message: 'updating' },
      { code: 'SERVICE', errorName: 'ResourceConflictException', invoked: 'no', retryable: true },
      3,
    ],
    [
      500,
      'ServiceException',
      { Message: 'oops' },
      { code: 'SERVICE', errorName: 'ServiceException', statusCode: 500, invoked: 'maybe', retryable: true },
      1,
    ],
    [
      400,
      'InvalidRequestContentException',
      { message: 'not JSON' },
      { code: 'SERVICE', invoked: 'no', retryable: false },
      1,
    ],
  ])('%i %s is told with all it says', async (...[status, name, body, expected, requests]) => {
    wire.answer(serviceError(status, name, body as Record<string, string>));
    const error = await rejection(invoke());
    expect(error).toMatchObject({ name: 'StreamError', phase: 'request', requestId: REQUEST_ID, ...expected });
    expect(wire.requests).toHaveLength(requests);
  });

  test.each([
    [{ 'retry-after': '3' }, 3_000],
    [{ 'retry-after': '0.25' }, 250],
    [{}, undefined],
  ])('that throttles with %j says to come back after %s ms', async (headers, retryAfterMs) => {
    wire.answer(serviceError(429, 'TooManyRequestsException', { Message: 'wait' }, headers));
    const error = await rejection(invoke({ retry: false }));
    expect(error).toMatchObject({ code: 'THROTTLED', retryable: true });
    expect(error).toHaveProperty('retryAfterMs', retryAfterMs);
  });

  test('that throttles is waited for as long as it says', async () => {
    const delays: number[] = [];
    wire.answer(serviceError(429, 'TooManyRequestsException', { Message: 'wait' }, { 'retry-after': '0.03' }), ok);
    const hooks: StreamHooks = { onRetry: ({ delayMs }) => delays.push(delayMs) };
    await readToEnd(await invoke({ hooks, retry: { baseDelayMs: 1 } }));
    expect(delays).toEqual([30]);
  });

  test('that passes is got over, and the attempts are counted', async () => {
    const retries: number[] = [];
    wire.answer(serviceError(429, 'TooManyRequestsException', { Message: 'wait' }, { 'retry-after': '0.001' }), ok);
    const hooks: StreamHooks = { onRetry: ({ attempt }) => retries.push(attempt) };
    const { result } = await readToEnd(await invoke({ hooks }));
    expect(result?.metrics.attempts).toBe(2);
    expect(retries).toEqual([1]);
  });

  test('that may have run the function is tried again only where duplicates are allowed', async () => {
    const twice = [serviceError(500, 'ServiceException'), serviceError(500, 'ServiceException'), ok];
    wire.answer(...twice);
    expect(await rejection(invoke())).toMatchObject({ code: 'SERVICE', invoked: 'maybe' });
    expect(wire.requests).toHaveLength(1);
    wire.answer(...twice);
    const retry = { allowDuplicateInvocation: true, baseDelayMs: 1 };
    expect((await readToEnd(await invoke({ retry }))).result?.metrics.attempts).toBe(3);
  });

  test('is never tried again with retry: false', async () => {
    wire.answer(serviceError(429, 'TooManyRequestsException'), ok);
    expect(await rejection(invoke({ retry: false }))).toMatchObject({ code: 'THROTTLED' });
  });

  test("is not tried again by the client's own strategy either", async () => {
    wire.answer(serviceError(500, 'ServiceException'), ok);
    const client = wire.client({ maxAttempts: 5 });
    expect(await rejection(invoke({ client }))).toMatchObject({ code: 'SERVICE' });
    expect(wire.requests).toHaveLength(1);
  });

  test('for a wrong clock is tried again with the right one', async () => {
    const skewed = serviceError(
      403,
      'InvalidSignatureException',
      { message: 'Signature expired: x is now earlier than y' },
      { date: new Date(Date.now() + 3_600_000).toUTCString() },
    );
    wire.answer(skewed, ok);
    expect(await readToEnd(await invoke())).toMatchObject({ chunks: ['ok'] });
    const [first, second] = wire.requests.map(({ headers }) =>
      Number(String(headers['x-amz-date']).replace(/\D/g, '')),
    );
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(9_000);
  });

  test('is told once: all that the SDK read of it is in the message', async () => {
    const said = `no ${randomUUID()}`;
    wire.answer(serviceError(404, 'ResourceNotFoundException', { Message: said }));
    const error = await rejection(invoke());
    expect(error).toMatchObject({ rawMessage: `ResourceNotFoundException: ${said}`, requestId: expect.any(String) });
    expect(inspect(error).split(said)).toHaveLength(2);
  });
});
