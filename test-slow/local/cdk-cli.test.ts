/** The `cdk` CLI as it comes from the registry, on the local target. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import {
  App,
  BootstraplessSynthesizer,
  CfnOutput,
  CliCredentialsStackSynthesizer,
  NestedStack,
  Stack,
  type StackProps,
} from 'aws-cdk-lib/core';
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { type RecordingProxy, startRecordingProxy } from './recording-proxy';

const ENV = { account: '111111111111', region: 'eu-west-1' };
/** Another version: `CDK_CLI=/…/aws-cdk/bin/cdk npm run test:slow -- cdk-cli`. */
const CLI = process.env['CDK_CLI'] ?? require.resolve('aws-cdk/bin/cdk');

let folder: string;
let local: LocalTarget;
let proxy: RecordingProxy;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cdk-cli-'));
  local = await startLocal();
  proxy = await startRecordingProxy(local.endpoint);
});
// A test that fails leaves nothing that runs.
afterEach(() => {
  for (const child of running) child.kill();
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
  if (!existsSync(code)) {
    mkdirSync(code);
    // What does not shrink, and is more than one part of an upload.
    writeFileSync(join(code, 'ballast'), randomBytes(5 * 1024 * 1024 + 1));
  }
  const handler = `awslambda.streamifyResponse(async (event, stream) => { stream.write('hello '); stream.end(process.env.WORD); })`;
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

interface Running {
  readonly ended: Promise<Ended>;
  /** What is printed, once it has this in it; an error when the command ends without it. */
  until(pattern: RegExp): Promise<string>;
  /** As Ctrl-C does. */
  stop(): void;
}

interface Where {
  /** Of the app: a command of `cdk.json`, or the folder of an assembly. */
  readonly app?: string | undefined;
  readonly cwd?: string;
  /** In place of the credentials of the account. */
  readonly env?: NodeJS.ProcessEnv;
}

/** @param command for example `deploy --all` */
function start(command: string, { app, cwd = folder, env }: Where): Running {
  const { PATH = '' } = process.env;
  const child = spawn(
    process.execPath,
    [CLI, ...command.split(' '), ...(app === undefined ? [] : ['--app', app]), '--no-notices', '--ci'],
    {
      cwd,
      env: {
        PATH,
        HOME: folder,
        CDK_HOME: folder,
        CDK_DISABLE_CLI_TELEMETRY: '1',
        NODE_NO_WARNINGS: '1',
        ...(env ?? local.environment({ as: `arn:aws:iam::${ENV.account}:root`, region: ENV.region })),
        AWS_ENDPOINT_URL: proxy.url,
      },
    },
  );
  let text = '';
  const printed = new EventEmitter();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece) => {
      text += piece;
      printed.emit('more');
    });
  }
  const ended = once(child, 'close').then(([code]): Ended => ({ code, text, asked: proxy.take() }));
  running.add(child);
  void ended.then(() => running.delete(child));
  return {
    ended,
    until: async (pattern) => {
      for (let isOver = false; !pattern.test(text); ) {
        if (isOver) throw new Error(`cdk ${command} ended without ${pattern}:\n${text}`);
        isOver = await Promise.race([once(printed, 'more').then(() => false), ended.then(() => true)]);
      }
      return text;
    },
    stop: () => child.kill('SIGINT'),
  };
}

function cdk(command: string, app: string): Promise<Ended> {
  return start(command, { app }).ended;
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
    const [state, events, again, more] = lines.at(-1)?.slice(-4) ?? [];
    // Waiting is asking for both, in turns.
    if (events === 'DescribeStackEvents' && state === again && events === more) lines.at(-1)?.splice(-2);
  }
  return [...(s3.length > 0 ? [['s3', ...s3]] : []), ...lines].map(
    ([service, ...operations]) => `${service} ${operations.join(', ')}`,
  );
}

const DEPLOY = 'deploy --require-approval never';

async function read(text: string): Promise<string> {
  const [url = ''] = /http:\/\/127\.0\.0\.1:\d+\/lambda-url\/\w+\//.exec(text) ?? [];
  return (await fetch(url)).text();
}

test('deploys an app with assets small and large, again, changes and destroys it', async () => {
  const first = assembly((app) => hello(app, 'world', { terminationProtection: true }));
  const created = await cdk(`${DEPLOY} --tags team=blue`, first);
  expect(created).toMatchObject({ code: 0, text: expect.stringContaining('Fn/ServiceRole') });
  expect(await read(created.text)).toBe('hello world');
  expect(golden(created)).toEqual([
    's3 CompleteMultipartUpload, CreateMultipartUpload, GetBucketEncryption, GetBucketLocation, ListObjects, PutObject, UploadPart',
    'sts GetCallerIdentity, AssumeRole',
    'ssm GetParameter',
    'cloudformation DescribeStacks',
    'sts AssumeRole',
    'cloudformation DescribeStacks, CreateChangeSet, DescribeChangeSet, UpdateTerminationProtection, DescribeStacks, GetTemplate, DescribeChangeSet, ExecuteChangeSet, DescribeStacks, DescribeStackEvents',
  ]);

  const again = await cdk(`${DEPLOY} --tags team=blue`, first);
  expect(again).toMatchObject({ code: 0, text: expect.stringContaining('(no changes)') });
  expect(golden(again)).toEqual([
    's3 ListObjects',
    'sts GetCallerIdentity, AssumeRole',
    'ssm GetParameter',
    'cloudformation DescribeStacks, GetTemplate, DescribeStacks, DeleteChangeSet',
  ]);
  const refused = await cdk('destroy --force', first);
  expect(refused).toMatchObject({
    code: 1,
    text: expect.stringContaining('Stack [Hello] cannot be deleted while TerminationProtection is enabled'),
  });

  const changed = assembly((app) => hello(app, 'moon'));
  const diff = await cdk('diff', changed);
  expect(diff.text).toMatch(/\[~\] AWS::Lambda::Function Fn \w+.*WORD:.*\[-\] world.*\[\+\] moon/s);
  expect(golden(diff).at(-1)).toBe(
    'cloudformation DescribeStacks, DeleteChangeSet, CreateChangeSet, DescribeChangeSet, DeleteChangeSet',
  );
  const prepared = await cdk(`${DEPLOY} --method=prepare-change-set --change-set-name later`, changed);
  expect(await read(prepared.text)).toBe('hello world');
  const updated = await cdk(`${DEPLOY} Hello --method=execute-change-set --change-set-name later`, changed);
  expect(updated).toMatchObject({ code: 0, text: expect.stringContaining('UPDATE_COMPLETE') });
  expect(await read(updated.text)).toBe('hello moon');

  const swapped = assembly((app) => hello(app, 'sun'));
  const hotswapped = await cdk(`${DEPLOY} --hotswap`, swapped);
  expect(hotswapped).toMatchObject({ code: 0, text: expect.stringContaining('hotswapped!') });
  expect(await read(updated.text)).toBe('hello sun');
  expect(golden(hotswapped)).toEqual([
    's3 GetBucketEncryption, GetBucketLocation, ListObjects, PutObject',
    'sts GetCallerIdentity, AssumeRole',
    'ssm GetParameter',
    'cloudformation DescribeStacks',
    'sts AssumeRole',
    'cloudformation DescribeStacks, GetTemplate, DescribeStacks',
    'sts GetCallerIdentity',
    'cloudformation DescribeStacks, GetTemplate, ListStackResources',
    'lambda PUT, GET',
  ]);
  const drift = await cdk('drift', swapped);
  expect(drift.text).toContain('does not play the operation DetectStackDrift of cloudformation');
  expect(drift.code).toBe(1);

  const destroyed = await cdk('destroy --force', changed);
  expect(destroyed).toMatchObject({ code: 0, text: expect.stringContaining('destroyed') });
  expect(golden(destroyed)).toEqual([
    'sts GetCallerIdentity, AssumeRole',
    'cloudformation DescribeStacks, DeleteStack, DescribeStacks, DescribeStackEvents',
  ]);
  expect(local.functions()).toEqual([]);
});

/** An alias of a version that is not there. */
function broken(stack: Stack): void {
  const fn = stack.node.findChild('Fn') as lambda.Function;
  new lambda.CfnAlias(stack, 'Bad', { name: 'bad', functionName: fn.functionName, functionVersion: '99' });
}

test('keeps or takes back what fails, as on AWS, and the next deployment works', async () => {
  const failing = (functionName: string) => assembly((app) => broken(hello(app, 'x', { functionName })));
  const working = (functionName: string) => assembly((app) => hello(app, 'x', { functionName }));
  const names = () => local.functions().map(({ functionName }) => functionName);

  const created = await cdk(`${DEPLOY} --no-rollback`, failing('one'));
  expect(created.code).toBe(1);
  expect(created.text).toMatch(/CREATE_FAILED +\| AWS::Lambda::Alias +\| Bad .*Function not found: .*:one:99/);
  expect(names()).toEqual(['one']);
  const back = await cdk('rollback', failing('one'));
  // Not its events: the CLI shows those since its request was answered, and all of it can be over by then.
  expect(back).toMatchObject({ code: 0, text: expect.stringContaining('Rolling back Hello') });
  expect(golden(back)).toEqual([
    'sts GetCallerIdentity, AssumeRole',
    'ssm GetParameter',
    'cloudformation DescribeStacks, RollbackStack, DescribeStacks, DescribeStackEvents',
  ]);
  expect(names()).toEqual([]);

  const again = await cdk(DEPLOY, working('one'));
  expect(again).toMatchObject({ code: 0, text: expect.stringContaining('CREATE_COMPLETE') });
  const updated = await cdk(DEPLOY, failing('two'));
  expect(updated.code).toBe(1);
  expect(updated.text).toContain('failed to update: [Bad]');
  expect(names()).toEqual(['one']);

  const replaced = await cdk(`${DEPLOY} --method=direct`, working('two'));
  expect(replaced.text).toContain('Requested update requires the creation of a new physical resource');
  expect(names()).toEqual(['two']);
});

/** An app as a user has it, whose function and its environment follow one file. */
const WATCHED_APP = `
const { App, CfnOutput, Stack } = require(${JSON.stringify(require.resolve('aws-cdk-lib/core'))});
const lambda = require(${JSON.stringify(require.resolve('aws-cdk-lib/aws-lambda'))});
const stack = new Stack(new App(), 'Watched', { env: ${JSON.stringify(ENV)} });
const fn = new lambda.Function(stack, 'Fn', {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: 'index.handler',
  code: lambda.Code.fromAsset('code'),
  environment: { WORD: JSON.parse(require('fs').readFileSync('code/words.json', 'utf8')).word },
});
const { url } = fn.addFunctionUrl({ authType: 'NONE', invokeMode: 'RESPONSE_STREAM' });
new CfnOutput(stack, 'Url', { value: url });
`;

test('watches: swaps code and configuration of what is saved without CloudFormation, and shows logs', async () => {
  const cwd = join(folder, 'watched');
  mkdirSync(join(cwd, 'code'), { recursive: true });
  const handler =
    "async (event, stream) => { console.log('I say ' + process.env.WORD); stream.write(require('./words.json').greeting); stream.end(process.env.WORD); }";
  const save = (greeting: string, word: string) =>
    writeFileSync(join(cwd, 'code/words.json'), JSON.stringify({ greeting, word }));
  writeFileSync(join(cwd, 'app.cjs'), WATCHED_APP);
  writeFileSync(join(cwd, 'code/index.js'), `exports.handler = awslambda.streamifyResponse(${handler});`);
  writeFileSync(join(cwd, 'cdk.json'), JSON.stringify({ app: 'node app.cjs', watch: { include: 'code/**' } }));
  save('hello ', 'x');

  // The CLI watches what is deployed already: `No stack named 'Watched'` is what it says of another, of AWS, too.
  const outdir = join(cwd, 'first.out');
  execFileSync(process.execPath, ['app.cjs'], { cwd, env: { ...process.env, CDK_OUTDIR: outdir } });
  await local.deploy(outdir);
  const watch = start('watch', { cwd });
  expect(await read(await watch.until(/Total time/))).toBe('hello x');
  proxy.take();
  save('goodbye ', 'swapped');
  const swapped = await watch.until(/words.json' \(type: change\).*hotswapped!.*Total time/s);
  const lambdaCalls = proxy
    .take()
    .filter((each) => each.startsWith('lambda'))
    .map((each) => each.replace(/Watched-.*?(?=\/|$)/, '…'));
  expect([...new Set(lambdaCalls)].sort()).toEqual([
    'lambda GET /2015-03-31/functions/…',
    'lambda PUT /2015-03-31/functions/…/code',
    'lambda PUT /2015-03-31/functions/…/configuration',
  ]);
  expect(await read(swapped)).toBe('goodbye swapped');
  await watch.until(/I say swapped/);
  watch.stop();
  expect((await watch.ended).text).not.toMatch(/failed|error/i);
});

/** Credentials of accounts as profiles `p<account>`, as a file of the AWS CLI has them. */
function profiles(...accounts: string[]): string {
  const path = join(folder, 'config');
  const text = accounts.map((account) => {
    const own = local.environment({ as: `arn:aws:iam::${account}:root`, region: ENV.region });
    const keys = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];
    return [
      `[profile p${account}]`,
      `region = ${ENV.region}`,
      ...keys.map((key) => `${key.toLowerCase()} = ${own[key]}`),
    ];
  });
  writeFileSync(path, text.flat().join('\n'));
  return path;
}

test('bootstraps two accounts by profiles, and deploys nested stacks, imports and other synthesizers to both at once', async () => {
  const OTHER = '222222222222';
  const AWS_CONFIG_FILE = profiles(ENV.account, OTHER);
  const bootstrap = (account: string, more = '') =>
    start(`bootstrap aws://${account}/${ENV.region} --profile p${account}${more}`, { env: { AWS_CONFIG_FILE } }).ended;
  const trust = ` --trust ${ENV.account} --cloudformation-execution-policies arn:aws:iam::aws:policy/AdministratorAccess`;
  for (const bootstrapped of [await bootstrap(OTHER, trust), await bootstrap(ENV.account)])
    expect(bootstrapped).toMatchObject({ code: 0, text: expect.stringContaining('bootstrapped') });

  const app = assembly((scope) => {
    const producer = new Stack(scope, 'Producer', { env: ENV });
    const nested = new NestedStack(producer, 'Nested');
    const role = new Role(nested, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const direct = new Stack(scope, 'Direct', { env: ENV, synthesizer: new CliCredentialsStackSynthesizer() });
    new Role(direct, 'Caller', { assumedBy: role });
    new CfnOutput(direct, 'Arn', { value: role.roleArn });
    const bare = new Stack(scope, 'Bare', { env: ENV, synthesizer: new BootstraplessSynthesizer() });
    new Role(bare, 'Caller', { assumedBy: role });
    hello(scope, 'far', { env: { ...ENV, account: OTHER } });
  });
  const deploy = { app, env: { AWS_CONFIG_FILE } };
  const deployed = await start(`${DEPLOY} --all --profile p${ENV.account}`, deploy).ended;
  expect(deployed).toMatchObject({
    code: 0,
    text: expect.stringMatching(/Direct.Arn = arn:aws:iam::111111111111:role\/Producer-Nested\w+-Role/),
  });
  expect(await read(deployed.text)).toBe('hello far');
  expect(local.functions().map(({ functionArn }) => functionArn.split(':')[4])).toContain(OTHER);
  const refused = await start(`destroy --force --exclusively Producer --profile p${ENV.account}`, deploy).ended;
  expect(refused.text).toMatch(
    /Delete canceled. Cannot delete export .* as it is in use by (Direct, Bare|Bare, Direct)/,
  );
});
