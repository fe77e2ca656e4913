import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StreamTarget } from 'cdk-lambda-streaming/invoker';
import { rejection } from '../read-stream';

const ARN = 'arn:aws:lambda:eu-west-1:111122223333:function:chat:live';
const record = (functionArn = ARN) => JSON.stringify({ streamTarget: 1, functionArn, region: 'eu-west-1' });
const outputs = { ChatStreamTarget1A2B: record(), Other: 'x', Brace: '{not json' };
const two = { ...outputs, ReportStreamTarget3C4D: record(`${ARN}2`) };

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stream-target-'));
  file = join(folder, 'cdk-outputs.json');
  writeFileSync(file, JSON.stringify({ ChatStack: outputs, TwoStack: two, EmptyStack: { Other: 'x' } }));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a target is found', () => {
  test('in the outputs file of a deployment', async () => {
    expect(await StreamTarget.fromOutputsFile(file, 'ChatStack').resolve()).toMatchObject({
      functionArn: ARN,
      region: 'eu-west-1',
    });
  });
  test('among several by a part of its output', async () => {
    expect(await StreamTarget.fromOutputsFile(file, 'TwoStack', { output: 'Report' }).resolve()).toMatchObject({
      functionArn: `${ARN}2`,
    });
  });
  test('in outputs at hand', async () => {
    expect(await StreamTarget.fromOutputs(outputs).resolve()).toMatchObject({ functionArn: ARN });
  });
  test('in a stack, by a function of the caller', async () => {
    const asked: string[] = [];
    const describe = async (name: string) => {
      asked.push(name);
      return outputs;
    };
    const target = StreamTarget.fromStack('ChatStack', { describe });
    await Promise.all([target.resolve(), target.resolve()]);
    expect(asked).toEqual(['ChatStack']);
  });
  test.each([record(), ARN])('in a parameter that holds %s', async (value) => {
    expect(await StreamTarget.fromParameter('/chat', { read: async () => value }).resolve()).toMatchObject({
      functionArn: ARN,
      region: 'eu-west-1',
    });
  });
  test('in an ARN', async () => {
    expect(await StreamTarget.fromArn(ARN).resolve()).toEqual({
      streamTarget: 1,
      functionArn: ARN,
      region: 'eu-west-1',
    });
  });
});

describe('a target that is not there is told with what is', () => {
  test.each<[string, () => StreamTarget, string]>([
    [
      'no file',
      () => StreamTarget.fromOutputsFile(join(folder, 'none.json'), 'ChatStack'),
      'cdk deploy --outputs-file',
    ],
    ['no such stack', () => StreamTarget.fromOutputsFile(file, 'Chat'), "'ChatStack', 'TwoStack', 'EmptyStack'"],
    ['no target in the stack', () => StreamTarget.fromOutputsFile(file, 'EmptyStack'), 'call exportStreamTarget()'],
    [
      'several targets',
      () => StreamTarget.fromOutputs(two),
      "'ChatStreamTarget1A2B', 'ReportStreamTarget3C4D'; name one",
    ],
    [
      'several of that name',
      () => StreamTarget.fromOutputs({ ...two, Third: 'no target' }, { output: 'StreamTarget' }),
      "several stream targets whose output contains 'StreamTarget', 'ChatStreamTarget1A2B', 'ReportStreamTarget3C4D'",
    ],
    [
      'no target of that name',
      () => StreamTarget.fromOutputs(two, { output: 'Nope' }),
      "contains 'Nope', only 'ChatStreamTarget1A2B'",
    ],
    [
      'a parameter with something else',
      () => StreamTarget.fromParameter('/chat', { read: async () => 'hello' }),
      "got 'hello'",
    ],
  ])('%s', async (_, make, words) => {
    expect(await rejection((async () => make().resolve())())).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(words),
    });
  });

  test.each<[object, string]>([
    [{}, 'exports no stream target (its outputs: none); call exportStreamTarget()'],
    [{ Url: 'https://a' }, "exports no stream target (its outputs: 'Url'); call exportStreamTarget()"],
    [two, 'has several stream targets'],
  ])('outputs at hand are refused where they are written: %j', (outputs, words) => {
    const refused = { code: 'CONFIG_INVALID', message: expect.stringContaining(words) };
    expect(() => StreamTarget.fromOutputs(outputs as never)).toThrow(expect.objectContaining(refused));
  });

  test.each(['chat', 'arn:aws:s3:::bucket', ''])('an ARN that is none: %j', (arn) => {
    expect(() => StreamTarget.fromArn(arn)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  test.each([
    [
      'a stack',
      () => StreamTarget.fromStack('S', { region: 'eu-west-1' }),
      'npm install @aws-sdk/client-cloudformation',
    ],
    ['a parameter', () => StreamTarget.fromParameter('/p', { region: 'eu-west-1' }), 'npm install @aws-sdk/client-ssm'],
  ])('%s without the client that reads it', async (_, make, command) => {
    expect(await rejection((async () => make().resolve())())).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(command),
    });
  });

  test('and is looked for again at the next call', async () => {
    let ready = false;
    const target = StreamTarget.fromStack('S', { describe: async () => (ready ? outputs : {}) });
    await rejection(target.resolve());
    ready = true;
    expect(await target.resolve()).toMatchObject({ functionArn: ARN });
  });
});

describe('a lookup that fails is a StreamError with its cause, and nothing was sent', () => {
  const sdk = (name: string, message: string, httpStatusCode: number) =>
    Object.assign(new Error(message), { name, $metadata: { httpStatusCode, requestId: 'r-1' } });
  const denied =
    'User: arn:aws:iam::1:user/u is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:x because no identity-based policy allows the ssm:GetParameter action';

  test.each<[string, unknown, object]>([
    [
      'access that is denied',
      sdk('AccessDeniedException', denied, 400),
      { code: 'ACCESS_DENIED', reason: 'implicit-identity', action: 'ssm:GetParameter', requestId: 'r-1' },
    ],
    [
      'credentials that have expired',
      sdk('ExpiredTokenException', 'expired', 400),
      { code: 'ACCESS_DENIED', reason: 'credentials' },
    ],
    ['a parameter that is missing', sdk('ParameterNotFound', '', 400), { code: 'NOT_FOUND' }],
    [
      'a stack that is missing',
      sdk('ValidationError', 'Stack with id Chat does not exist', 400),
      { code: 'NOT_FOUND', message: expect.stringContaining('Stack with id Chat does not exist') },
    ],
    ['throttling', sdk('ThrottlingException', 'Rate exceeded', 400), { code: 'THROTTLED', retryable: true }],
    [
      'another error of the service',
      sdk('InternalFailure', 'oops', 500),
      { code: 'SERVICE', errorName: 'InternalFailure', statusCode: 500, retryable: true },
    ],
    [
      'a connection that is refused',
      Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
      { code: 'TRANSPORT', systemCode: 'ECONNREFUSED', retryable: true },
    ],
    [
      'a function of the caller that throws',
      new Error('no vault'),
      { code: 'CONFIG_INVALID', message: expect.stringContaining("looked up in parameter '/chat': no vault") },
    ],
    [
      'a function of the caller that finds no file',
      Object.assign(new Error('no such file'), { code: 'ENOENT' }),
      { code: 'CONFIG_INVALID' },
    ],
    ['a function of the caller that throws nothing', undefined, { code: 'CONFIG_INVALID' }],
  ])('%s', async (_, cause, expected) => {
    const read = () => Promise.reject(cause);
    const error = await rejection(StreamTarget.fromParameter('/chat', { read }).resolve());
    expect(error).toMatchObject({ name: 'StreamError', phase: 'input', invoked: 'no', ...expected });
    expect((error as Error).cause).toBe(cause);
    const describe = () => Promise.reject(cause);
    expect(await rejection(StreamTarget.fromStack('Chat', { describe }).resolve())).toMatchObject({
      code: (error as { code: string }).code,
      message: expect.stringContaining("looked up in stack 'Chat': "),
    });
  });

  test('a function that throws before it gives a promise', async () => {
    const read = () => {
      throw new Error('at once');
    };
    expect(await rejection(StreamTarget.fromParameter('/chat', { read }).resolve())).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('at once'),
    });
  });
});

describe('what is no outputs, file or value is refused in plain words', () => {
  const fileWith = (json: string) => {
    const path = join(folder, 'odd.json');
    writeFileSync(path, json);
    return path;
  };
  test.each<[string, () => StreamTarget, string]>([
    [
      'no outputs',
      () => StreamTarget.fromOutputs(undefined as never),
      'the outputs object must be an object of outputs',
    ],
    ['outputs that are a list', () => StreamTarget.fromOutputs([] as never), 'must be an object of outputs'],
    ['outputs that are no text', () => StreamTarget.fromOutputs({ a: 5 } as never), 'exports no stream target'],
    [
      'a file that holds null',
      () => StreamTarget.fromOutputsFile(fileWith('null'), 'S'),
      'must hold an object of stacks',
    ],
    [
      'a file that holds a list',
      () => StreamTarget.fromOutputsFile(fileWith('[]'), 'S'),
      'must hold an object of stacks',
    ],
    ['a file whose stack is null', () => StreamTarget.fromOutputsFile(fileWith('{"S":null}'), 'S'), 'got null'],
    [
      'a stack named as what all objects have',
      () => StreamTarget.fromOutputsFile(fileWith('{}'), 'constructor'),
      "has no stack 'constructor', only none",
    ],
    ['no path', () => StreamTarget.fromOutputsFile(undefined as never, 'S'), 'the outputs file cannot be read'],
    [
      'a parameter without a value',
      () => StreamTarget.fromParameter('/p', { read: async () => undefined as never }),
      "parameter '/p' must be a string, got undefined",
    ],
    [
      'a stack without outputs',
      () => StreamTarget.fromStack('S', { describe: async () => undefined as never }),
      "stack 'S' must be an object of outputs by their keys, got undefined",
    ],
  ])('%s', async (_, make, words) => {
    expect(await rejection((async () => make().resolve())())).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(words),
    });
  });

  test.each([null, undefined, 5, {}])('an ARN that is %j', (arn) => {
    expect(() => StreamTarget.fromArn(arn as never)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});
