/** Clients of AWS in other languages on the local target; each is skipped, and says so, where its interpreter or library is missing. */
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { functionResources, removeFolders, writeAssembly } from '../../test/local/engine/write-assembly';

jest.setTimeout(120_000); // a hang guard, not a measure

const ENV = { account: '111111111111', region: 'eu-west-1' };
const CODE = `exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
  console.log('said hello');
  stream.write('hello ');
  stream.end(context.clientContext?.custom?.word ?? 'world');
});`;

let local: LocalTarget;
beforeAll(async () => {
  local = await startLocal();
  const Resources = functionResources({ FunctionName: 'hello', Code: { ZipFile: CODE } });
  await local.deploy(writeAssembly({ Hello: { ...ENV, template: { Resources } } }));
});
afterAll(async () => {
  await local.stop();
  removeFolders();
});

/** Standard output of a program that is a client. */
async function run(program: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
  const own = local.environment({ as: `arn:aws:iam::${ENV.account}:root`, region: ENV.region });
  const env = { ...process.env, ...own, AWS_DEFAULT_REGION: ENV.region, AWS_PAGER: '', ...more };
  return (await promisify(execFile)(program, args, { env })).stdout;
}

/** A test that runs where `program args` succeeds. */
function where(what: string, program: string, args: readonly string[]): jest.It {
  if (spawnSync(program, args, { stdio: 'ignore' }).status === 0) return test;
  console.warn(`skipped: ${what} is not installed`);
  return test.skip;
}

where('boto3', 'python3', ['-c', 'import boto3'])('boto3', async () => {
  expect(JSON.parse(await run('python3', [join(__dirname, 'boto3_client.py')]))).toEqual({
    streamed: 'hello world',
    complete: ['LogResult'],
    function: 'Active',
    functions: ['hello'],
    invoked: 'hello world',
    stack: 'CREATE_COMPLETE',
    statuses: ['CREATE_COMPLETE'],
    stacks: ['CREATE_COMPLETE', 'DELETE_COMPLETE'],
    objects: [
      ['a b', 100_000],
      ['parts', 9_000_000],
    ],
    gone: 'An error occurred (ValidationError) when calling the DescribeStacks operation: Stack with id Python does not exist',
    tailed: [2, true, 0],
    streams: 1,
    logged: 2,
  });
});

where('the AWS CLI', 'aws', ['--version'])('the AWS CLI', async () => {
  await run('aws', ['lambda', 'invoke', '--function-name', 'hello', '/dev/null']);
  const events = [
    'logs',
    'filter-log-events',
    '--log-group-name',
    '/aws/lambda/hello',
    '--filter-pattern',
    '"said hello"',
  ];
  expect(await run('aws', events)).toContain('said hello');
  const stacks = await run('aws', [
    'cloudformation',
    'describe-stacks',
    '--query',
    'Stacks[].StackName',
    '--output',
    'text',
  ]);
  expect(stacks.trim()).toBe('Hello');
});
