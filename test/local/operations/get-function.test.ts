import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetFunctionCommand, GetFunctionConfigurationCommand, waitUntilFunctionActiveV2 } from '@aws-sdk/client-lambda';
import { ALLOWED, type LocalLambda, startLocalLambda } from './local-lambda';

// A guard against hanging on a busy machine, not a measure.
const asked: string[] = [];
let lambda: LocalLambda;
beforeAll(async () => {
  lambda = await startLocalLambda({
    authorize: ({ action, resource }) => {
      asked.push(`${action} ${resource}`);
      return ALLOWED;
    },
  });
});
afterAll(() => lambda.stop());

test('describes the version an alias stands for', async () => {
  const { functionName, functionArn } = lambda.define('', { environment: { NAME: 'b' }, timeoutSeconds: 7 });
  const input = { FunctionName: functionName, Qualifier: 'live' };
  const expected = {
    FunctionName: functionName,
    FunctionArn: `${functionArn}:live`,
    Version: '1',
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Timeout: 7,
    MemorySize: 256,
    Environment: { Variables: { NAME: 'b' } },
    State: 'Active',
  };
  const { Configuration, Code } = await lambda.client.send(new GetFunctionCommand(input));
  expect(Configuration).toMatchObject(expected);
  expect(Code?.Location).toMatch(/^file:\/\//);
  expect(await lambda.client.send(new GetFunctionConfigurationCommand(input))).toMatchObject(expected);
  expect(asked).toEqual([
    `lambda:GetFunction ${functionArn}:live`,
    `lambda:GetFunctionConfiguration ${functionArn}:live`,
  ]);
});

test('satisfies the waiter of the SDK', async () => {
  const { functionName } = lambda.define('');
  const result = await waitUntilFunctionActiveV2(
    { client: lambda.client, maxWaitTime: 5 },
    { FunctionName: functionName },
  );
  expect(result.state).toBe('SUCCESS');
});

test('an unknown function is not found', async () => {
  await expect(lambda.client.send(new GetFunctionCommand({ FunctionName: 'missing' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

const configurationOf = (FunctionName: string) =>
  lambda.client.send(new GetFunctionConfigurationCommand({ FunctionName }));

test('tells the architecture and when it was deployed, in the form of AWS', async () => {
  const { functionName } = lambda.define('', { architecture: 'arm64', lastModified: Date.UTC(2026, 10, 22, 12) });
  expect(await configurationOf(functionName)).toMatchObject({
    Architectures: ['arm64'],
    LastModified: '2026-11-22T12:00:00.000+0000',
  });
  expect(await configurationOf(lambda.define('').functionName)).toMatchObject({ Architectures: ['x86_64'] });
});

test('the size and the digest of the code tell all its files and their paths', async () => {
  const codeOf = async (files: Readonly<Record<string, string>>) => {
    const { functionName, versions } = lambda.define('12345');
    const folder = versions.get('$LATEST')?.codeDirectory ?? '';
    mkdirSync(join(folder, 'lib'));
    for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
    const { CodeSha256, CodeSize } = await configurationOf(functionName);
    return [CodeSha256, CodeSize];
  };
  const [digest, size] = await codeOf({ 'lib/a.js': 'ä' });
  expect(digest).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  expect(size).toBe(7);
  expect(await codeOf({ 'lib/a.js': 'ä' })).toEqual([digest, size]);
  for (const other of ['lib/b.js', 'a.js']) expect((await codeOf({ [other]: 'ä' }))[0]).not.toBe(digest);
  expect((await codeOf({ 'lib/a.js': 'ö' }))[0]).not.toBe(digest);
});

test('the revision changes with an update and differs between versions', async () => {
  const { functionName, versions } = lambda.define('', { lastModified: 1 });
  const revisionOf = async (name: string) => (await configurationOf(name)).RevisionId;
  const first = await revisionOf(functionName);
  expect(first).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(await revisionOf(functionName)).toBe(first);
  expect(await revisionOf(`${functionName}:1`)).not.toBe(first);
  const latest = versions.get('$LATEST');
  if (latest) versions.set('$LATEST', { ...latest, lastModified: 2 });
  expect(await revisionOf(functionName)).not.toBe(first);
});

test('an image is described as one, and code that is gone is still described', async () => {
  const imageUri = '111111111111.dkr.ecr.eu-west-1.amazonaws.com/chat:1';
  const image = lambda.define('', { imageUri, handler: '', runtime: '', codeDirectory: lambda.folder });
  const answer = await lambda.client.send(new GetFunctionCommand({ FunctionName: image.functionName }));
  expect(answer.Configuration).toMatchObject({
    PackageType: 'Image',
    CodeSize: 0,
    CodeSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(answer.Configuration).not.toHaveProperty('Runtime');
  expect(answer.Code).toEqual({ RepositoryType: 'ECR', ImageUri: imageUri });
  const gone = lambda.define('');
  rmSync(gone.versions.get('$LATEST')?.codeDirectory ?? '', { recursive: true });
  expect(await configurationOf(gone.functionName)).toMatchObject({ CodeSize: 0, State: 'Active' });
});
