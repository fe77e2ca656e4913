/** Clients of AWS in other languages on the local target; each is skipped, and says so, where its interpreter or library is missing. */
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type LocalTarget, type StartLocalOptions, startLocal } from 'cdk-lambda-streaming/local';
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
const CODE = `const { existsSync } = require('node:fs');
const { setTimeout } = require('node:timers/promises');
exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
  console.log('said hello');
  stream.write('hello ');
  while (event.until !== undefined && !existsSync(event.until)) await setTimeout(5);
  if (event.fail) throw new TypeError('no more words');
  stream.end(context.clientContext?.custom?.word ?? 'world');
});`;
/** As the guide for other languages has it: NDJSON with the end marker, cut inside a line and inside a character. */
const CHAT = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  const text = [{ $stream: { start: { version: '2' } } }, { token: event.prompt + ', ' }, { token: 'Zoë' }, { $stream: { end: { chunks: 2 } } }];
  const bytes = Buffer.from(text.map((line) => JSON.stringify(line) + '\\n').join(''));
  const middle = bytes.indexOf(0xc3) + 1;
  stream.write(bytes.subarray(0, middle));
  stream.end(bytes.subarray(middle));
});`;

function resourcesOf(name: string, code: string) {
  const { Role, Fn } = functionResources({ FunctionName: name, Code: { ZipFile: code }, Timeout: 60 });
  const version = { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: name } } };
  const alias = {
    FunctionName: { Ref: name },
    FunctionVersion: { 'Fn::GetAtt': [`${name}1`, 'Version'] },
    Name: 'live',
  };
  return {
    Role,
    [name]: Fn,
    [`${name}1`]: version,
    [`${name}Live`]: { Type: 'AWS::Lambda::Alias', Properties: alias },
  };
}

const TRUST_ACCOUNT = { ...TRUST, Statement: [{ ...TRUST.Statement[0], Principal: { AWS: ROOT } }] };
const OUTSIDER = {
  Type: 'AWS::IAM::Role',
  Properties: { RoleName: 'outsider', AssumeRolePolicyDocument: TRUST_ACCOUNT },
};

async function targetWith(options: StartLocalOptions): Promise<LocalTarget> {
  const target = await startLocal(options);
  const Resources = { ...resourcesOf('hello', CODE), ...resourcesOf('chat', CHAT), Outsider: OUTSIDER };
  await target.deploy(writeAssembly({ Hello: { ...ENV, template: { Resources } } }));
  return target;
}

let local: LocalTarget;
beforeAll(async () => {
  local = await targetWith({});
});
afterAll(async () => {
  await local.stop();
  removeFolders();
});

/** Standard output of a program that is a client. */
async function run(
  program: string,
  args: readonly string[],
  target: LocalTarget = local,
  more: NodeJS.ProcessEnv = {},
): Promise<string> {
  const own = target.environment({ as: ROOT, region: ENV.region });
  const env = { ...process.env, ...own, AWS_DEFAULT_REGION: ENV.region, AWS_PAGER: '', ...more };
  return (await promisify(execFile)(program, args, { env })).stdout;
}

/** A program in `language` as a guide has it, in a file: the block with the word `part`. */
function fromGuide(language: string, part: string): string {
  const guide = readFileSync(join(__dirname, '../../docs/guides/python-and-java.md'), 'utf8');
  const blocks = guide
    .split(`\`\`\`${language}\n`)
    .slice(1)
    .map((rest) => rest.slice(0, rest.indexOf('```')));
  const file = join(temporaryFolder(), `guide.${language}`);
  writeFileSync(file, blocks.filter((block) => block.includes(part)).join('\n'));
  return file;
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
    functions: ['chat', 'hello'],
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

where('boto3', 'python3', ['-c', 'import boto3'])('the caller with boto3 in the guide', async () => {
  expect(await run('python3', [fromGuide('python', 'boto3')], local, { PYTHONUTF8: '1' })).toBe('hello, Zoë');
});

const REPORTED: [string, StartLocalOptions, object][] = [
  [
    'as observed',
    {},
    {
      failing: { status: 200, complete: { LogResult: 'said hello, Invoke Error' } },
      dry: { status: 200, version: '$LATEST', bytes: 'hello world', complete: {} },
    },
  ],
  [
    'as documented',
    { errorReporting: 'trailers', streamingDryRun: 'documented' },
    {
      failing: {
        status: 200,
        complete: {
          ErrorCode: 'Unhandled',
          ErrorDetails: expect.stringContaining('no more words'),
          LogResult: 'said hello, Invoke Error',
        },
      },
      dry: { status: 204, bytes: '', complete: {} },
    },
  ],
];

const R_HAS_PAWS = ['-e', 'quit(status = !requireNamespace("paws.compute", quietly = TRUE))'];
where('paws.compute for R', 'Rscript', R_HAS_PAWS).each(REPORTED)(
  'paws for R, failures reported %s',
  async (_how, options, own) => {
    const target = await targetWith(options);
    try {
      const outsider = target.environment({ as: 'outsider', region: ENV.region });
      const more = Object.fromEntries(
        Object.entries(outsider).map(([name, value]) => [name.replace(/^AWS_/, 'OUTSIDER_'), value]),
      );
      const args = [
        join(__dirname, 'paws_client.R'),
        fromGuide('r', 'each_event'),
        join(temporaryFolder(), 'first-chunk'),
      ];
      const arn = `arn:aws:lambda:${ENV.region}:${ENV.account}:function`;
      const type = 'application/vnd.amazon.eventstream';
      expect(JSON.parse(await run('Rscript', args, target, { ...more, LC_ALL: 'C.UTF-8' }))).toMatchObject({
        guide: 'hello, Zoë',
        live: {
          status: 200,
          version: '$LATEST',
          type,
          bytes: 'hello world',
          complete: { LogResult: 'said hello' },
        },
        context: { status: 200, version: '1', type, bytes: 'hello R', complete: {} },
        nobody: { refused: `ResourceNotFoundException (HTTP 404). Function not found: ${arn}:nobody`, status: 404 },
        outsider: {
          refused: expect.stringMatching(
            /^AccessDeniedException \(HTTP 403\)\. User: .*:assumed-role\/outsider\/.* is not authorized to perform: lambda:InvokeFunction/,
          ),
          status: 403,
        },
        buffered: 'hello world',
        ...own,
      });
    } finally {
      await target.stop();
    }
  },
);
