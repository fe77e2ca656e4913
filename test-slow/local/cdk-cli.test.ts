/** The `cdk` CLI as it comes from the registry, on the local target. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import {
  App,
  BootstraplessSynthesizer,
  CfnOutput,
  CliCredentialsStackSynthesizer,
  Stack,
  type StackProps,
} from 'aws-cdk-lib/core';
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { type RecordingProxy, startRecordingProxy } from './recording-proxy';

jest.setTimeout(120_000); // a hang guard, not a measure

const ENV = { account: '111111111111', region: 'eu-west-1' };
const CLI = require.resolve('aws-cdk/bin/cdk');

let folder: string;
let local: LocalTarget;
let proxy: RecordingProxy;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cdk-cli-'));
  local = await startLocal();
  proxy = await startRecordingProxy(local.endpoint);
});
afterAll(async () => {
  await proxy.stop();
  await local.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A cloud assembly, in a folder of its own. */
function assembly(define: (app: App) => void): string {
  const app = new App({ outdir: mkdtempSync(join(folder, 'cdk.out-')) });
  define(app);
  return app.synth().directory;
}

/** A function that streams two chunks; the second is `word`. */
function hello(
  app: App,
  word: string,
  props: StackProps & { readonly functionName?: string } = {},
  greeting = 'hello ',
): Stack {
  const stack = new Stack(app, 'Hello', { env: ENV, ...props });
  const code = join(folder, 'code');
  mkdirSync(code, { recursive: true });
  const handler = `awslambda.streamifyResponse(async (event, stream) => { stream.write(${JSON.stringify(greeting)}); stream.end(process.env.WORD); })`;
  writeFileSync(join(code, 'index.js'), `exports.handler = ${handler};`);
  const fn = new lambda.Function(stack, 'Fn', {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromAsset(code),
    environment: { WORD: word },
    ...(props.functionName && { functionName: props.functionName }),
  });
  const { url } = fn.addFunctionUrl({
    authType: lambda.FunctionUrlAuthType.NONE,
    invokeMode: lambda.InvokeMode.RESPONSE_STREAM,
  });
  new CfnOutput(stack, 'Url', { value: url });
  return stack;
}

interface Ended {
  readonly code: number | null;
  /** Standard output and error. */
  readonly text: string;
  /** What was asked of the target. */
  readonly asked: readonly string[];
}

/** @param command for example `deploy --all` */
async function cdk(command: string, app: string | undefined, account = ENV.account): Promise<Ended> {
  const { PATH = '' } = process.env;
  const child = spawn(
    process.execPath,
    [CLI, ...command.split(' '), ...(app === undefined ? [] : ['--app', app]), '--no-notices', '--ci'],
    {
      cwd: folder,
      env: {
        PATH,
        HOME: folder,
        CDK_HOME: folder,
        CDK_DISABLE_CLI_TELEMETRY: '1',
        NODE_NO_WARNINGS: '1',
        ...local.environment({ as: `arn:aws:iam::${account}:root`, region: ENV.region }),
        AWS_ENDPOINT_URL: proxy.url,
      },
    },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (piece) => (text += piece));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, text, asked: proxy.take() };
}

/** What was asked in its order, repetitions left out: the CLI waits by asking. Assets go to S3 side by side. */
function golden({ asked }: Ended): string[] {
  const s3 = [...new Set(asked.filter((each) => each.startsWith('s3 ')))].sort().map((each) => each.slice(3));
  const rest = asked.filter((each) => !each.startsWith('s3 '));
  const lines: string[][] = [];
  for (const each of rest.filter((name, i) => name !== rest[i - 1])) {
    const [service = '', operation = ''] = each.split(' ');
    if (lines.at(-1)?.[0] === service) lines.at(-1)?.push(operation);
    else lines.push([service, operation]);
  }
  return [['s3', ...s3], ...lines].map(([service, ...operations]) => `${service} ${operations.join(', ')}`);
}

const DEPLOY = 'deploy --require-approval never';

async function read(text: string): Promise<string> {
  const [url = ''] = /http:\/\/127\.0\.0\.1:\d+\/lambda-url\/\w+\//.exec(text) ?? [];
  return (await fetch(url)).text();
}

test('deploys an app with its assets, again, changes and destroys it', async () => {
  const first = assembly((app) => hello(app, 'world'));
  const created = await cdk(DEPLOY, first);
  expect(created).toMatchObject({ code: 0, text: expect.stringContaining('Fn/ServiceRole') });
  expect(await read(created.text)).toBe('hello world');
  expect(golden(created)).toEqual([
    's3 GetBucketEncryption, GetBucketLocation, ListObjects, PutObject',
    'sts GetCallerIdentity, AssumeRole',
    'ssm GetParameter',
    'cloudformation DescribeStacks',
    'sts AssumeRole',
    'cloudformation DescribeStacks, CreateChangeSet, DescribeChangeSet, DescribeStacks, GetTemplate, DescribeChangeSet, ExecuteChangeSet, DescribeStacks, DescribeStackEvents',
  ]);

  const again = await cdk(DEPLOY, first);
  expect(again).toMatchObject({ code: 0, text: expect.stringContaining('(no changes)') });
  expect(golden(again)).toEqual([
    's3 ListObjects',
    'sts GetCallerIdentity, AssumeRole',
    'ssm GetParameter',
    'cloudformation DescribeStacks, GetTemplate, DescribeStacks, DeleteChangeSet',
  ]);

  const changed = assembly((app) => hello(app, 'moon'));
  const diff = await cdk('diff', changed);
  expect(diff.text).toMatch(/\[~\] AWS::Lambda::Function Fn \w+.*WORD:.*\[-\] world.*\[\+\] moon/s);
  const updated = await cdk(`${DEPLOY} --method=direct`, changed);
  expect(updated).toMatchObject({ code: 0, text: expect.stringContaining('UPDATE_COMPLETE') });
  expect(await read(updated.text)).toBe('hello moon');

  expect(await cdk('destroy --force', changed)).toMatchObject({ code: 0, text: expect.stringContaining('destroyed') });
  expect(local.functions()).toEqual([]);
});

/** An alias of a version that is not there. */
function broken(stack: Stack): void {
  const fn = stack.node.findChild('Fn') as lambda.Function;
  new lambda.CfnAlias(stack, 'Bad', { name: 'bad', functionName: fn.functionName, functionVersion: '99' });
}

test('ends a deployment that fails as on AWS, and the next one works', async () => {
  const failing = (functionName: string) => assembly((app) => broken(hello(app, 'x', { functionName })));
  const working = (functionName: string) => assembly((app) => hello(app, 'x', { functionName }));
  const names = () => local.functions().map(({ functionName }) => functionName);

  const created = await cdk(DEPLOY, failing('one'));
  expect(created.code).toBe(1);
  expect(created.text).toMatch(/CREATE_FAILED +\| AWS::Lambda::Alias +\| Bad .*Function not found: .*:one:99/);
  expect(created.text).toContain('ROLLBACK_COMPLETE');
  expect(names()).toEqual([]);

  const again = await cdk(DEPLOY, working('one'));
  expect(again).toMatchObject({ code: 0, text: expect.stringContaining('CREATE_COMPLETE') });
  const updated = await cdk(DEPLOY, failing('two'));
  expect(updated.code).toBe(1);
  expect(updated.text).toContain('failed to update: [Bad]');
  expect(names()).toEqual(['one']);

  const replaced = await cdk(DEPLOY, working('two'));
  expect(replaced.text).toContain('Requested update requires the creation of a new physical resource');
  expect(names()).toEqual(['two']);
});

test('swaps code and configuration without CloudFormation', async () => {
  await cdk(
    DEPLOY,
    assembly((app) => hello(app, 'x')),
  );
  const swapped = await cdk(
    `${DEPLOY} --hotswap`,
    assembly((app) => hello(app, 'swapped', {}, 'goodbye ')),
  );
  expect(swapped).toMatchObject({ code: 0, text: expect.stringContaining('hotswapped!') });
  const lambdaCalls = swapped.asked
    .filter((each) => each.startsWith('lambda'))
    .map((each) => each.replace(/Hello-.*?(?=\/|$)/, '…'));
  expect([...new Set(lambdaCalls)].sort()).toEqual([
    'lambda GET /2015-03-31/functions/…',
    'lambda PUT /2015-03-31/functions/…/code',
    'lambda PUT /2015-03-31/functions/…/configuration',
  ]);
  expect(await read(swapped.text)).toBe('goodbye swapped');
});

test('bootstraps, and deploys stacks of two accounts that import from each other by other synthesizers', async () => {
  const bootstrapped = await cdk('bootstrap aws://222222222222/eu-west-1', undefined, '222222222222');
  expect(bootstrapped).toMatchObject({ code: 0, text: expect.stringContaining('bootstrapped') });
  const app = assembly((scope) => {
    const env = { ...ENV, account: '222222222222' };
    const producer = new Stack(scope, 'Producer', { env, synthesizer: new BootstraplessSynthesizer() });
    const role = new Role(producer, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const consumer = new Stack(scope, 'Consumer', { env, synthesizer: new CliCredentialsStackSynthesizer() });
    new Role(consumer, 'Caller', { assumedBy: role });
    new CfnOutput(consumer, 'Arn', { value: role.roleArn });
  });
  const deployed = await cdk(`${DEPLOY} --all`, app, '222222222222');
  expect(deployed).toMatchObject({
    code: 0,
    text: expect.stringMatching(/Consumer.Arn = arn:aws:iam::222222222222:role\/Producer-Role/),
  });
  const refused = await cdk('destroy --force Producer', app, '222222222222');
  expect(refused.text).toContain('Consumer');
  expect(local.functions().every(({ functionArn }) => functionArn.includes(ENV.account))).toBe(true);
});
