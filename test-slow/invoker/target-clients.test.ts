/** Targets from CloudFormation and Systems Manager, found by the AWS SDK's own clients against a server that speaks their protocols. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { StreamTarget, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { invokeComplete, payloadChunk, rejection } from '../../test/invoker/read-stream';
import { stream, useWireServer } from '../../test/invoker/wire-server';
import { cloudFormationError, json, type ServiceAnswer, stack } from './service-answers';

const leg = join(__dirname, '..', '..', 'compat', 'target-clients');
const ARN = 'arn:aws:lambda:ap-south-1:111122223333:function:chat:live';
const RECORD = JSON.stringify({ streamTarget: 1, functionArn: ARN, region: 'ap-south-1' });

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let server: Server;
let seen: Seen[];
let answer: ServiceAnswer;
const before = { ...process.env };

beforeAll(async () => {
  const modules = join(leg, 'node_modules', '@aws-sdk');
  if (!existsSync(join(modules, 'client-ssm'))) {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: leg });
  }
  // As if they were installed beside the invoker.
  for (const name of ['client-cloudformation', 'client-ssm']) {
    jest.doMock(`@aws-sdk/${name}`, () => jest.requireActual(join(modules, name)), { virtual: true });
  }
  server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const { method = '', url = '', headers } = request;
    seen.push({ method, url, headers, body: Buffer.concat(pieces).toString() });
    response.writeHead(answer.status, { 'content-type': answer.type, 'x-amzn-requestid': 'r-1' }).end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  seen = [];
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint,
    AWS_ENDPOINT_URL_SSM: endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIDENV',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
});
afterEach(() => {
  process.env = { ...before };
});

describe('CloudFormation', () => {
  const form = () => Object.fromEntries(new URLSearchParams(seen[0]?.body));

  test('is asked for one stack, in the region of the environment, and gives the target among its outputs', async () => {
    answer = stack({ Other: 'x', ChatStreamTarget1A2B: RECORD });
    expect(await StreamTarget.fromStack('Chat').resolve()).toEqual(JSON.parse(RECORD));
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/' });
    expect(form()).toEqual({ Action: 'DescribeStacks', Version: '2010-05-15', StackName: 'Chat' });
    expect(seen[0]?.headers.authorization).toMatch(/AKIDENV\/\d{8}\/eu-west-1\/cloudformation\/aws4_request/);
  });

  test.each([
    ['the option', 'Chat', { region: 'us-west-2' }, 'us-west-2'],
    ['an ARN', 'arn:aws:cloudformation:sa-east-1:111122223333:stack/Chat/1a2b', {}, 'sa-east-1'],
    [
      'the option before an ARN',
      'arn:aws:cloudformation:sa-east-1:1:stack/Chat/1',
      { region: 'us-west-2' },
      'us-west-2',
    ],
  ])('is asked in the region of %s', async (_, name, selection, region) => {
    answer = stack({ ChatStreamTarget1A2B: RECORD });
    await StreamTarget.fromStack(name, selection).resolve();
    expect(form()['StackName']).toBe(name);
    expect(seen[0]?.headers.authorization).toContain(`/${region}/cloudformation/`);
  });

  test('of several targets gives the one that is named', async () => {
    const other = JSON.stringify({ streamTarget: 1, functionArn: `${ARN}2`, region: 'ap-south-1' });
    answer = stack({ ChatStreamTarget1A2B: RECORD, ReportStreamTarget3C4D: other });
    const target = StreamTarget.fromStack('Chat', { output: 'Report' });
    expect(await target.resolve()).toMatchObject({ functionArn: `${ARN}2` });
    expect(await rejection(StreamTarget.fromStack('Chat').resolve())).toMatchObject({ code: 'CONFIG_INVALID' });
  });

  const denied =
    'User: arn:aws:iam::1:user/u is not authorized to perform: cloudformation:DescribeStacks on resource: arn:aws:cloudformation:eu-west-1:1:stack/Chat/* because no identity-based policy allows the cloudformation:DescribeStacks action';
  test.each<[string, () => ServiceAnswer, object]>([
    [
      'a stack that does not exist',
      () => cloudFormationError(400, 'ValidationError', 'Stack with id Chat does not exist'),
      { code: 'NOT_FOUND', retryable: false, message: expect.stringContaining('Stack with id Chat does not exist') },
    ],
    [
      'access that is denied',
      () => cloudFormationError(403, 'AccessDenied', denied),
      { code: 'ACCESS_DENIED', reason: 'implicit-identity', action: 'cloudformation:DescribeStacks' },
    ],
    [
      'credentials that have expired',
      () => cloudFormationError(403, 'ExpiredToken', 'The security token included in the request is expired'),
      { code: 'ACCESS_DENIED', reason: 'credentials' },
    ],
    [
      'throttling that goes on',
      () => cloudFormationError(400, 'Throttling', 'Rate exceeded'),
      { code: 'THROTTLED', retryable: true },
    ],
    [
      'another refusal',
      () => cloudFormationError(400, 'ValidationError', 'stackName is too long'),
      { code: 'SERVICE', errorName: 'ValidationError', statusCode: 400 },
    ],
    [
      'a stack without outputs',
      () => stack({}),
      { code: 'CONFIG_INVALID', message: expect.stringContaining("stack 'Chat' exports no stream target") },
    ],
  ])('%s', async (_, said, expected) => {
    answer = said();
    expect(await rejection(StreamTarget.fromStack('Chat').resolve())).toMatchObject({
      name: 'StreamError',
      phase: 'input',
      invoked: 'no',
      ...expected,
    });
  });
});

describe('Systems Manager', () => {
  test.each([RECORD, ARN])('is asked for one parameter, decrypted, and %s in it is the target', async (Value) => {
    answer = json({ Parameter: { Name: '/chat', Value, Type: 'String' } });
    expect(await StreamTarget.fromParameter('/chat').resolve()).toMatchObject({
      functionArn: ARN,
      region: 'ap-south-1',
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/' });
    expect(seen[0]?.headers).toMatchObject({ 'x-amz-target': 'AmazonSSM.GetParameter' });
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ Name: '/chat', WithDecryption: true });
    expect(seen[0]?.headers.authorization).toMatch(/AKIDENV\/\d{8}\/eu-west-1\/ssm\/aws4_request/);
  });

  test.each([
    ['the option', '/chat', { region: 'us-west-2' }, 'us-west-2'],
    ['an ARN', 'arn:aws:ssm:sa-east-1:111122223333:parameter/chat', {}, 'sa-east-1'],
  ])('is asked in the region of %s', async (_, name, options, region) => {
    answer = json({ Parameter: { Value: ARN } });
    await StreamTarget.fromParameter(name, options).resolve();
    expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({ Name: name });
    expect(seen[0]?.headers.authorization).toContain(`/${region}/ssm/`);
  });

  const denied =
    'User: arn:aws:iam::1:user/u is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:eu-west-1:1:parameter/chat because no identity-based policy allows the ssm:GetParameter action';
  test.each<[string, ServiceAnswer, object]>([
    ['a parameter that does not exist', json({ __type: 'ParameterNotFound' }, 400), { code: 'NOT_FOUND' }],
    [
      'access that is denied, with status 400',
      json({ __type: 'AccessDeniedException', Message: denied }, 400),
      { code: 'ACCESS_DENIED', reason: 'implicit-identity', action: 'ssm:GetParameter', requestId: 'r-1' },
    ],
    [
      'throttling that goes on',
      json({ __type: 'ThrottlingException', message: 'Rate exceeded' }, 400),
      { code: 'THROTTLED', retryable: true },
    ],
    [
      'a parameter without a value',
      json({ Parameter: { Name: '/chat' } }),
      { code: 'CONFIG_INVALID', message: expect.stringContaining("the parameter '/chat' has no value") },
    ],
    [
      'a parameter with something else',
      json({ Parameter: { Value: 'hello' } }),
      { code: 'CONFIG_INVALID', message: expect.stringContaining("got 'hello'") },
    ],
  ])('%s', async (_, said, expected) => {
    answer = said;
    expect(await rejection(StreamTarget.fromParameter('/chat').resolve())).toMatchObject({
      name: 'StreamError',
      phase: 'input',
      invoked: 'no',
      ...expected,
    });
  });

  test('that nobody answers for', async () => {
    process.env['AWS_ENDPOINT_URL_SSM'] = 'http://127.0.0.1:9';
    expect(await rejection(StreamTarget.fromParameter('/chat').resolve())).toMatchObject({
      code: 'TRANSPORT',
      systemCode: 'ECONNREFUSED',
      invoked: 'no',
    });
  });
});

const wire = useWireServer();

test('an invoker looks once, and calls the function in the region of its ARN', async () => {
  wire.answer(stream([payloadChunk('ok'), invokeComplete()]));
  process.env['AWS_ENDPOINT_URL_LAMBDA'] = wire.endpoint;
  answer = stack({ ChatStreamTarget1A2B: RECORD });
  const invoker = streamInvoker(streamContract({ format: 'text' }), { target: StreamTarget.fromStack('Chat') });
  for (let call = 0; call < 2; call++) expect((await (await invoker.invoke({})).collect()).chunks).toEqual(['ok']);
  invoker.close();
  expect(seen).toHaveLength(1);
  expect(wire.requests).toHaveLength(2);
  expect(decodeURIComponent(wire.requests[0]?.url ?? '')).toContain(`/functions/${ARN}/`);
  expect(wire.requests[0]?.headers.authorization).toContain('/ap-south-1/lambda/');
});
