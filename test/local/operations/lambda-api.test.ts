import { request } from 'node:http';
import { InvokeCommand, InvokeWithResponseStreamCommand } from '@aws-sdk/client-lambda';
import fc from 'fast-check';
import type { AuthorizationRequest } from '../../../src/local/iam/authorize';
import {
  ACCOUNT,
  ALLOWED,
  type LocalLambda,
  REGION,
  refusal,
  startLocalLambda,
  streamOf,
  TESTER,
} from './local-lambda';

// A guard against hanging on a busy machine, not a measure.
const asked: AuthorizationRequest[] = [];
let allowed = true;
let lambda: LocalLambda;
let name: string;
let arn: string;
const ECHO = 'export const handler = async (event) => event;';

beforeAll(async () => {
  lambda = await startLocalLambda({
    random: () => 0.3,
    authorize: (question) => {
      asked.push(question);
      return allowed ? ALLOWED : refusal('User: X is not authorized');
    },
  });
  const definition = lambda.define(ECHO);
  name = definition.functionName;
  arn = definition.functionArn;
});
beforeEach(() => {
  asked.length = 0;
  allowed = true;
});
afterAll(() => lambda.stop());

const invoke = (input: ConstructorParameters<typeof InvokeCommand>[0]) => lambda.client.send(new InvokeCommand(input));

test.each([
  ['a name', () => name, undefined, () => arn],
  ['a name with an alias', () => `${name}:live`, undefined, () => `${arn}:live`],
  ['a name and a qualifier', () => name, '1', () => `${arn}:1`],
  ['a partial ARN', () => `${ACCOUNT}:function:${name}`, '$LATEST', () => `${arn}:$LATEST`],
  ['an ARN', () => `${arn}:live`, 'live', () => `${arn}:live`],
])('IAM is asked about the exact function that %s means', async (_, functionName, qualifier, resourceArn) => {
  await invoke({ FunctionName: functionName(), Qualifier: qualifier });
  const requestId: unknown = expect.stringMatching(/^[0-9a-f-]{36}$/);
  const context: unknown = expect.objectContaining({ 'aws:RequestedRegion': 'eu-west-1' });
  const question = { action: 'lambda:InvokeFunction', principal: TESTER, resource: resourceArn(), requestId, context };
  expect(asked).toEqual([question]);
});

test('a refusal by IAM reaches the SDK as AccessDeniedException', async () => {
  allowed = false;
  const refused = {
    name: 'AccessDeniedException',
    message: 'User: X is not authorized',
    $metadata: { httpStatusCode: 403 },
  };
  await expect(invoke({ FunctionName: name })).rejects.toMatchObject(refused);
  await expect(invoke({ FunctionName: name, InvocationType: 'DryRun' })).rejects.toMatchObject(refused);
  await expect(streamOf(lambda.client, { FunctionName: name })).rejects.toMatchObject(refused);
  // Whether a function exists is no business of a caller who may not invoke it.
  await expect(invoke({ FunctionName: 'missing' })).rejects.toMatchObject(refused);
});

test.each([
  ['function', { FunctionName: 'missing' }, 'missing'],
  ['alias', { FunctionName: 'NAME', Qualifier: 'blue' }, 'NAME:blue'],
  ['version', { FunctionName: 'NAME:42' }, 'NAME:42'],
])('an unknown %s is not found', async (_, input, suffix) => {
  const FunctionName = input.FunctionName.replace('NAME', name);
  const expected = {
    name: 'ResourceNotFoundException',
    message: `Function not found: arn:aws:lambda:${REGION}:${ACCOUNT}:function:${suffix.replace('NAME', name)}`,
    Type: 'User',
    $metadata: { httpStatusCode: 404, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  };
  await expect(invoke({ ...input, FunctionName })).rejects.toMatchObject(expected);
  await expect(streamOf(lambda.client, { ...input, FunctionName })).rejects.toMatchObject(expected);
});

test.each([
  [
    'a bad name',
    { FunctionName: 'no spaces' },
    /Value 'no spaces' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern/,
  ],
  [
    'a long name',
    { FunctionName: `arn:${'a'.repeat(300)}` },
    /at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 256/,
  ],
  ['a bad qualifier', { FunctionName: 'a', Qualifier: 'b c' }, /Value 'b c' at 'qualifier' failed/],
  [
    'an unknown log type',
    { FunctionName: 'NAME', LogType: 'All' as 'Tail' },
    /Value 'All' at 'logType' .* enum value set: \[None, Tail\]/,
  ],
  [
    'an unknown invocation type',
    { FunctionName: 'NAME', InvocationType: 'Later' as 'Event' },
    /Value 'Later' at 'invocationType'/,
  ],
])('%s is a ValidationException', async (_, input, message) => {
  const FunctionName = input.FunctionName.replace('NAME', name);
  await expect(invoke({ ...input, FunctionName })).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringMatching(message),
    $metadata: { httpStatusCode: 400 },
  });
});

test('two different qualifiers contradict each other', async () => {
  await expect(invoke({ FunctionName: `${name}:live`, Qualifier: '1' })).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message: 'The derived qualifier from the function name does not match the specified qualifier.',
  });
});

test('a function of another region is not reachable', async () => {
  await expect(invoke({ FunctionName: arn.replace(REGION, 'us-east-1') })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: `Functions from 'us-east-1' are not reachable in this region ('${REGION}')`,
  });
});

test('an event that is not JSON is refused', async () => {
  await expect(invoke({ FunctionName: name, Payload: Buffer.from('{"a":') })).rejects.toMatchObject({
    name: 'InvalidRequestContentException',
    message: expect.stringMatching(/^Could not parse request body into json: /),
    Type: 'User',
    $metadata: { httpStatusCode: 400 },
  });
});

test('an event may have 6 MB and not one byte more', async () => {
  const event = (length: number) => Buffer.from(JSON.stringify('x'.repeat(length - 2)));
  const largest = await invoke({ FunctionName: name, Payload: event(6_291_456) });
  expect(largest.Payload?.length).toBe(6_291_456);
  for (const Payload of [event(6_291_457), event(20_000_000)]) {
    const refused = {
      name: 'RequestEntityTooLargeException',
      message: 'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
      $metadata: { httpStatusCode: 413 },
    };
    await expect(invoke({ FunctionName: name, Payload })).rejects.toMatchObject(refused);
    const command = new InvokeWithResponseStreamCommand({ FunctionName: name, Payload });
    await expect(lambda.client.send(command)).rejects.toMatchObject(refused);
  }
  const asynchronous = invoke({ FunctionName: name, Payload: event(1_048_577), InvocationType: 'Event' });
  await expect(asynchronous).rejects.toThrow('Request must be smaller than 1048576 bytes');
});

test('a weighted alias sends its share to the other version', async () => {
  const definition = lambda.define(ECHO);
  const latest = definition.versions.get('$LATEST');
  if (latest) definition.versions.set('2', { ...latest, version: '2' });
  const versionAt = async (weight: number) => {
    definition.aliases.set('live', { name: 'live', functionVersion: '1', additionalVersionWeights: { '2': weight } });
    return (await invoke({ FunctionName: definition.functionName, Qualifier: 'live' })).ExecutedVersion;
  };
  expect(await versionAt(0.3)).toBe('1');
  expect(await versionAt(0.31)).toBe('2');
});

test('a wrong secret is an InvalidSignatureException', async () => {
  const client = lambda.newClient({ credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'wrong' } });
  await expect(client.send(new InvokeCommand({ FunctionName: name }))).rejects.toMatchObject({
    name: 'InvalidSignatureException',
    $metadata: { httpStatusCode: 403 },
  });
  expect(asked).toEqual([]);
});

test('an unsupported operation says so instead of pretending', async () => {
  const answer = await plainRequest('DELETE', '/2015-03-31/functions/x');
  expect(answer.status).toBe(404);
  expect(JSON.parse(answer.body).message).toBe('The local target does not support DELETE /2015-03-31/functions/x');
  expect((await plainRequest('GET', '/nothing/here')).status).toBe(404);
});

test('a runtime that nothing here plays is refused by name', async () => {
  const { functionName } = lambda.define('', { runtime: 'java21' });
  await expect(invoke({ FunctionName: functionName })).rejects.toThrow(/has the runtime java21, which cannot run here/);
});

test('answers any request at all, and goes on', async () => {
  const segment = fc.oneof(
    fc.constantFrom('2015-03-31', '2021-11-15', 'functions', 'invocations', 'lambda-url', 'url1', '%', '%zz', '..', ''),
    fc.string({ maxLength: 6 }).map(encodeURIComponent),
  );
  const query = fc.constantFrom(
    '',
    '?',
    '?Qualifier=%ff',
    '?X-Amz-Signature=1',
    '?X-Amz-Signature=1&X-Amz-Algorithm=AWS4-HMAC-SHA256',
    '?&&=',
  );
  const authorization = fc.constantFrom(
    undefined,
    'Basic x',
    'AWS4-HMAC-SHA256 ,,,=',
    'AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request',
  );
  const host = fc.constantFrom('127.0.0.1', 'x.lambda-url.eu-west-1.localhost', '[', 'a.lambda-url.b.c');
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'POST', 'PUT', 'HEAD', 'OPTIONS'),
      fc.array(segment, { maxLength: 5 }),
      query,
      authorization,
      host,
      async (method, segments, search, signature, hostname) => {
        const headers = { host: hostname, ...(signature && { authorization: signature }) };
        const { status } = await plainRequest(method, `/${segments.join('/')}${search}`, headers);
        expect(status).toBeGreaterThanOrEqual(400);
        expect(status).toBeLessThan(500);
      },
    ),
    { numRuns: 150 },
  );
  await invoke({ FunctionName: name });
});

test('listens on loopback only', () => {
  expect(lambda.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

function plainRequest(
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: lambda.port, method, path, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(parts).toString('utf8') }));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}
