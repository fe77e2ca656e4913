/** The AWS CLI itself on the local target: version 2 where it is installed, else version 1; what is missing is skipped, and says so. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import {
  functionResources,
  removeFolders,
  TRUST,
  temporaryFolder,
  writeAssembly,
} from '../../test/local/engine/write-assembly';

jest.setTimeout(120_000); // a hang guard, not a measure

const ENV = { account: '111111111111', region: 'eu-west-1' };
const ROOT = `arn:aws:iam::${ENV.account}:root`;
const CODE = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  console.log('said hello to ' + event.name);
  stream.write('hello ');
  stream.end(event.name);
});`;
const TRUST_ACCOUNT = { ...TRUST, Statement: [{ ...TRUST.Statement[0], Principal: { AWS: ROOT } }] };

interface Cli {
  readonly file: string;
  readonly major: number;
  /** Before 2.13 and 1.29 it does not read `AWS_ENDPOINT_URL`. */
  readonly readsEndpoint: boolean;
  /** Runs on a Python that can be told not to keep output back from a pipe; the one of AWS's installer cannot. */
  readonly fromSource: boolean;
}

function cliIn(folder: string): Cli | undefined {
  const file = join(folder, 'aws');
  if (!existsSync(file)) return undefined;
  const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  const [, major, minor] = /^aws-cli\/(\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
  if (major === undefined) return undefined;
  const readsEndpoint = Number(minor) >= (major === '1' ? 29 : 13);
  return { file, major: Number(major), readsEndpoint, fromSource: !stdout.includes(' exe/') };
}

/** The first AWS CLI 2 of the path, else the first AWS CLI. */
function newestCli(): Cli | undefined {
  let first: Cli | undefined;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const found = cliIn(folder);
    if (found !== undefined && found.major >= 2) return found;
    first ??= found;
  }
  return first;
}

const cli = newestCli();

/** A test that runs where there is a CLI that `fits`. */
function where(what: string, fits: (found: Cli) => boolean): jest.It {
  if (cli !== undefined && fits(cli)) return test;
  console.warn(`skipped: ${what} is not installed`);
  return test.skip;
}

let local: LocalTarget;
beforeAll(async () => {
  local = await startLocal();
  const { Role, Fn } = functionResources({ FunctionName: 'hello', Code: { ZipFile: CODE }, Timeout: 60 });
  const Resources = {
    Role,
    Fn,
    Outsider: {
      Type: 'AWS::IAM::Role',
      Properties: { RoleName: 'outsider', AssumeRolePolicyDocument: TRUST_ACCOUNT },
    },
    Parameter: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/a/b', Type: 'String', Value: 'small' } },
    Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'secret', SecretString: 'hush' } },
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'things' } },
  };
  await local.deploy(writeAssembly({ Hello: { ...ENV, template: { Resources } } }));
});
afterAll(async () => {
  await local.stop();
  removeFolders();
});

/** Program, arguments and environment of the CLI. */
function command(args: readonly string[]): [string, string[], { env: NodeJS.ProcessEnv }] {
  const own = local.environment({ as: ROOT, region: ENV.region });
  const endpoint = cli?.readsEndpoint ? [] : ['--endpoint-url', own.AWS_ENDPOINT_URL ?? ''];
  const env = { ...process.env, ...own, AWS_PAGER: '', AWS_CONFIG_FILE: '/dev/null', PYTHONUNBUFFERED: '1' };
  return [cli?.file ?? 'aws', [...endpoint, ...args], { env }];
}

/** What the CLI prints for `line`, words with single spaces, and `more` arguments; without the last line break. */
async function aws(line: string, ...more: string[]): Promise<string> {
  const [file, args, options] = command([...line.split(' '), ...more]);
  return (await promisify(execFile)(file, args, options)).stdout.trimEnd();
}

/** Calls the function by the SDK, which takes a tenth of the CLI's time. */
async function greet(name: string): Promise<void> {
  const client = new LambdaClient(local.clientConfig({ as: ROOT, region: ENV.region }));
  await client.send(new InvokeCommand({ FunctionName: 'hello', Payload: JSON.stringify({ name }) }));
  client.destroy();
}

where('the AWS CLI', () => true)('the AWS CLI calls functions, and reads what stacks made', async () => {
  const out = join(temporaryFolder(), 'out');
  // CLI 1 takes bytes as they are, CLI 2 in base64 unless told.
  const payload = Buffer.from('{"name":"you"}').toString(cli?.major === 1 ? 'utf8' : 'base64');
  const role = `arn:aws:iam::${ENV.account}:role/outsider`;
  const text = '--output text --query';
  const answers = await Promise.all([
    aws(`lambda invoke --function-name hello --payload ${payload} ${out} ${text} [StatusCode,ExecutedVersion]`),
    aws(`sts get-caller-identity ${text} Arn`),
    aws(`sts assume-role --role-arn ${role} --role-session-name me ${text} AssumedRoleUser.Arn`),
    aws(`cloudformation describe-stacks ${text} Stacks[].[StackName,StackStatus]`),
    aws(`cloudformation describe-stack-events --stack-name Hello ${text} StackEvents[0].ResourceStatus`),
    aws(`ssm get-parameter --name /a/b ${text} Parameter.Value`),
    aws(`secretsmanager get-secret-value --secret-id secret ${text} SecretString`),
  ]);
  expect(answers).toEqual([
    '200\t$LATEST',
    ROOT,
    `arn:aws:sts::${ENV.account}:assumed-role/outsider/me`,
    'Hello\tCREATE_COMPLETE',
    'CREATE_COMPLETE',
    'small',
    'hush',
  ]);
  expect(readFileSync(out, 'utf8')).toBe('hello you');
});

where('the AWS CLI', () => true)('the AWS CLI copies a file to a bucket, lists it, and copies it back', async () => {
  const [from, to] = [join(temporaryFolder(), 'from'), join(temporaryFolder(), 'to')];
  // More than 8 MiB goes up in parts, and comes down in ranges.
  writeFileSync(from, Buffer.alloc(9_000_000, 'stream'));
  await aws('s3 cp --no-progress', from, 's3://things/big file');
  const listed = aws('s3 ls s3://things/');
  await aws('s3 cp --no-progress', 's3://things/big file', to);
  expect(await listed).toMatch(/^[-\d]+ [:\d]+ {4}9000000 big file$/);
  expect(readFileSync(to).equals(readFileSync(from))).toBe(true);
});

where('the AWS CLI 2 on a Python', ({ major, fromSource }) => major >= 2 && fromSource)(
  'aws logs tail --follow tells what was logged, and what is logged after it',
  async () => {
    await greet('those before');
    const [file, args, { env }] = command('logs tail /aws/lambda/hello --follow --format short'.split(' '));
    const tail = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(tail, 'exit');
    let [text, later] = ['', false];
    for await (const piece of tail.stdout.setEncoding('utf8')) {
      text += piece;
      if (!later && text.includes('those before')) {
        later = true;
        await greet('those after');
      }
      if (text.includes('those after')) tail.kill('SIGINT');
    }
    await ended;
    expect(text.match(/hello to those .*/g)).toEqual(['hello to those before', 'hello to those after']);
  },
);
