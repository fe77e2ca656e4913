import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StreamTarget } from 'cdk-lambda-streaming/invoker';
import { rejection } from './read-stream';

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
    expect(await rejection(make().resolve())).toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining(words),
    });
  });

  test.each(['chat', 'arn:aws:s3:::bucket', ''])('an ARN that is none: %j', (arn) => {
    expect(() => StreamTarget.fromArn(arn)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });

  test.each([
    [
      'a stack',
      () => StreamTarget.fromStack('S', { region: 'eu-west-1' }),
      'npm install @aws-sdk/client-cloudformation',
    ],
    ['a parameter', () => StreamTarget.fromParameter('/p', { region: 'eu-west-1' }), 'npm install @aws-sdk/client-ssm'],
  ])('%s without the client that reads it', async (_, make, command) => {
    expect(await rejection(make().resolve())).toMatchObject({
      code: 'INPUT_INVALID',
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
