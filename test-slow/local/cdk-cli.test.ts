/** The `cdk` CLI as it comes from the registry, on the local target. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib/core';
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
function hello(app: App, word: string, props: StackProps & { readonly functionName?: string } = {}): Stack {
  const stack = new Stack(app, 'Hello', { env: ENV, ...props });
  const code = join(folder, 'code');
  mkdirSync(code, { recursive: true });
  const handler =
    'awslambda.streamifyResponse(async (event, stream) => { stream.write("hello "); stream.end(process.env.WORD); })';
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
async function cdk(command: string, app: string, account = ENV.account): Promise<Ended> {
  const { credentials } = local.clientConfig({ as: `arn:aws:iam::${account}:root` });
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [CLI, ...command.split(' '), '--app', app, '--no-notices', '--ci'], {
    cwd: folder,
    env: {
      PATH,
      HOME: folder,
      CDK_HOME: folder,
      CDK_DISABLE_CLI_TELEMETRY: '1',
      NODE_NO_WARNINGS: '1',
      AWS_ENDPOINT_URL: proxy.url,
      AWS_REGION: ENV.region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
    },
  });
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
