/** A local target in a process of its own, by the built command line, and others that find it. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { startDynalite } from '../../local/dynalite';
import { type BuiltCli, buildCli, type CliProcess, processesBelow, survivors } from '../support/built-cli';
import { ACCOUNT, FUNCTIONS, ROLE, SEVERAL_ALIASES, synthesizeStreams } from '../support/streams-app';

let cli: BuiltCli;
beforeAll(async () => {
  cli = await buildCli();
  synthesizeStreams(cli.folder);
});
afterAll(() => cli?.remove());

const env = () => ({ TMPDIR: join(cli.folder, '..') });
const RECORDS = `cdk-lambda-streaming-${userInfo().uid}`;
const records = () => {
  const folder = join(cli.folder, '..', RECORDS);
  return readdirSync(folder).map((name) => join(folder, name));
};
/** What is beside the project; the folder of the records stays. */
const temporaryFiles = () => readdirSync(join(cli.folder, '..')).filter((name) => name !== RECORDS);

describe('while it runs', () => {
  let target: CliProcess;
  let ready: {
    readonly endpoint: string;
    readonly functions: readonly { readonly constructPath: string; readonly aliases: readonly string[] }[];
    readonly administrators: readonly { readonly account: string; readonly environment: Record<string, string> }[];
  };
  let engine: Awaited<ReturnType<typeof startDynalite>>;
  beforeAll(async () => {
    engine = await startDynalite();
    const args = ['--outputs-file', 'outputs.json', '--service', `dynamodb=${engine.url}`];
    target = cli.start(['start', '--json', ...args], env());
    const [line] = await target.said(/^\{"type":"ready".*$/m);
    ready = JSON.parse(line);
  });
  afterAll(async () => {
    target?.kill('SIGTERM');
    await target?.ended;
    engine.stop();
  });

  test('it lists what there is to call', () => {
    expect(ready.functions.map(({ constructPath, aliases }) => [constructPath, aliases])).toEqual([
      ['Partner/Custom::S3AutoDeleteObjectsCustomResourceProvider/Handler', []],
      ...FUNCTIONS.map((name) => [`Streams/Fn-${name}`, ['live']]),
      ...Object.entries(SEVERAL_ALIASES).map(([name, aliases]) => [`Streams/Fn-${name}`, aliases]),
    ]);
  });

  test('its environment makes any client of the SDK its administrator, for long', async () => {
    const { environment = {} } = ready.administrators.find(({ account }) => account === ACCOUNT) ?? {};
    const client = new LambdaClient({
      endpoint: environment['AWS_ENDPOINT_URL'],
      region: environment['AWS_REGION'],
      credentials: {
        accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '',
        secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '',
        sessionToken: environment['AWS_SESSION_TOKEN'] ?? '',
      },
    });
    const { StatusCode } = await client.send(new InvokeCommand({ FunctionName: 'text', InvocationType: 'DryRun' }));
    expect(StatusCode).toBe(204);
    client.destroy();
    // What is given for another service is behind the same address.
    const { region, credentials } = client.config;
    const tables = new DynamoDBClient({ region, endpoint: environment['AWS_ENDPOINT_URL'] ?? '', credentials });
    expect(await tables.send(new ListTablesCommand({}))).toMatchObject({ TableNames: [] });
    tables.destroy();
  });

  test.each([
    ['a construct path, and its only alias', ['Streams/Fn-text'], '1'],
    ['a construct path, and live among its aliases', ['Streams/Fn-chosen'], '1'],
    ['a construct path with an alias', ['Streams/Fn-unclear:stable'], '1'],
    ['a construct path, and the alias said beside it', ['Streams/Fn-unclear', '--qualifier', 'beta'], '$LATEST'],
    ['a construct path, and what is said instead of its alias', ['Streams/Fn-text', '-q', '$LATEST'], '$LATEST'],
    ['a name with a qualifier', ['text:live'], '1'],
    ['an ARN', [`arn:aws:lambda:eu-west-1:${ACCOUNT}:function:text`], '$LATEST'],
  ])('invoke --local finds %s', async (_, args, executedVersion) => {
    const { code, stdout } = await cli.run(['invoke', '--local', ...args, '--json'], env());
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/"text":"hello "/) });
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({ executedVersion });
  });

  test('of several aliases none of which is live, invoke --local asks which', async () => {
    expect(await cli.run(['invoke', '--local', 'Streams/Fn-unclear'], env())).toEqual({
      code: 2,
      stdout: '',
      stderr:
        "error: 'Streams/Fn-unclear' has the aliases beta, stable, and none is called live; " +
        "say which with --qualifier beta, or 'unclear:beta'\n",
    });
  });

  test.each(['partner-caller', 'Streams/Caller', ROLE('Caller')])(
    'as the role %s, which only one account has',
    async (as) => {
      const { code, stdout } = await cli.run(['invoke', '--local', 'Streams/Fn-text', '--as', as], env());
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello nobody' });
    },
  );

  test('a role that may not, a role and a function that do not exist', async () => {
    const invoke = (...args: string[]) => cli.run(['invoke', '--local', ...args], env());
    expect(await invoke('Streams/Fn-text', '--as', 'Stranger')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: \[ACCESS_DENIED\] .*assumed-role\/Stranger\/local is not authorized/),
    });
    expect(await invoke('Streams/Fn-text', '--as', 'Nobody')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error: no deployed stack defines the role Nobody; known roles are:\n {2}arn/),
    });
    expect(await invoke('Streams/Fn-test')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^error: no function 'Streams\/Fn-test' is deployed here; there are:\n {2}[\s\S]*\n {2}Streams\/Fn-text\n[\s\S]*\nDid you mean 'Streams\/Fn-text'\?\n$/,
      ),
    });
  });

  test('from a folder that is not below it, invoke --local says where it runs', async () => {
    expect(await cli.run(['invoke', '--local', 'text'], env(), join(cli.folder, '..'))).toEqual({
      code: 2,
      stdout: '',
      stderr:
        `error: no local target runs for this folder; there is one for '${cli.folder}': ` +
        "call from there, or start one in this folder with 'npx cdk-lambda-streaming dev', or 'start'\n",
    });
    // The folder of a workspace.
    const workspace = join(cli.folder, '..', 'pnpm-workspace.yaml');
    writeFileSync(workspace, '');
    expect(await cli.run(['invoke', '--local', 'text'], env(), join(cli.folder, '..'))).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(`^no local target runs for this folder; the one for '${cli.folder}' is asked\n`),
    });
    rmSync(workspace);
  });

  test('what a killed target left in a folder below does not hide it', async () => {
    const below = join(cli.folder, 'code');
    const killed = cli.start(['start', '--app', '../cdk.out'], env(), below);
    await killed.said(/Ctrl-C stops it/);
    killed.kill('SIGKILL');
    await killed.ended;
    expect(records()).toHaveLength(2);
    expect(await cli.run(['invoke', '--local', 'text:live'], env(), below)).toMatchObject({
      code: 0,
      stdout: 'hello nobody',
    });
    expect(records()).toHaveLength(1);
  });

  test('one more that is started here says so, is the one that is asked, and leaves the first one to be found', async () => {
    const second = cli.start(['start', '--empty', '--region', 'eu-north-1'], env());
    const [, endpoint] = await second.said(/^The local target is at (\S+)$/m);
    await second.said(new RegExp(`a local target runs for this folder already, at ${ready.endpoint}; commands ask`));
    expect(await cli.run(['logs'], env())).toEqual({
      code: 0,
      stdout: '',
      stderr: `2 local targets run for '${cli.folder}'; the one started last is asked: ${endpoint}\n`,
    });
    second.kill('SIGTERM');
    const { stdout } = await second.ended;
    expect(stdout).toMatch(/^ {2}export AWS_REGION=eu-north-1\n {2}export AWS_DEFAULT_REGION=eu-north-1$/m);
    expect(stdout).toMatch(/^Then deploy an app to it, as that administrator: {2}npx cdk deploy --all$/m);
    expect((await cli.run(['invoke', '--local', 'text'], env())).stdout).toBe('hello nobody');
  });

  test('the log of the functions is shown', async () => {
    await cli.run(['invoke', '--local', 'crash:live'], env());
    await target.said(/^\{"type":"log","functionArn":"[^"]*:crash[^"]*".*secret/m);
  });

  test('deploy gives it the app anew, and says what came of it', async () => {
    const { code, stdout, stderr } = await cli.run(
      ['deploy', '--app', 'cdk.out', '--outputs-file', 'again.json'],
      env(),
    );
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^Partner unchanged, Streams unchanged \(synth/m),
    });
    expect(stdout).toMatch(/^Streams\.\w+ = \{"streamTarget":1/);
    expect(JSON.parse(readFileSync(join(cli.folder, 'again.json'), 'utf8'))).toEqual({
      Partner: {},
      Streams: expect.anything(),
    });
  });

  test.each([
    [['--stacks', 'Partner'], 0, { type: 'deployed', stacks: [expect.objectContaining({ stackName: 'Partner' })] }],
    [['--stacks', 'Streems'], 2, /^the cloud assembly has no stack 'Streems'; .*; did you mean 'Streams'\?$/],
    [['--outputs-file', 'cdk.out'], 2, /^--outputs-file must be .*, got 'cdk.out', which is a folder$/],
    [
      ['--outputs-file', 'no/x.json'],
      2,
      /^--outputs-file must be .*, got 'no\/x.json', and there is no folder '.*\/no'$/,
    ],
    [['--outputs-file', 'cdk.json/x'], 2, /^--outputs-file must be .*, and there is no folder '.*\/cdk.json'$/],
  ])('deploy --json %j answers with one value and nothing else', async (args, code, said) => {
    const result = await cli.run(['deploy', '--json', '--app', 'cdk.out', ...args], env());
    const message = said instanceof RegExp ? expect.stringMatching(said) : undefined;
    expect({ ...result, stdout: JSON.parse(result.stdout) }).toEqual({
      code,
      stderr: '',
      stdout: message === undefined ? expect.objectContaining(said) : { error: expect.objectContaining({ message }) },
    });
  });

  test('logs show what was logged, and follow what is', async () => {
    await cli.run(['invoke', '--local', 'crash:live'], env());
    const shown = await cli.run(['logs', 'Streams/Fn-crash'], env());
    expect(shown).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^[\d:.]{12} crash \| .*secret/m),
    });
    expect(shown.stdout).not.toMatch(/ (text|count) \|/);
    const following = cli.start(['logs', '--follow', '--json'], env());
    await following.said(/secret/);
    await cli.run(['invoke', '--local', 'endless:live', '--as', 'Stranger'], env());
    await cli.run(['invoke', '--local', 'quota:live'], env());
    await following.said(/function:quota[^\n]*"START RequestId/);
    following.kill('SIGINT');
    expect((await following.ended).code).toBe(0);
  });

  test('explain says who may call, and of one role every statement', async () => {
    const { code, stdout } = await cli.run(['explain', 'Streams/Fn-text'], env());
    expect(code).toBe(0);
    expect(stdout).toMatch(/^lambda:InvokeFunction on arn:aws:lambda:eu-west-1:111111111111:function:text:live\n/);
    expect(stdout).toContain(`✓ ${ROLE('Caller')}\n`);
    expect(stdout).toMatch(
      /✗ \S*role\/Stranger\n {4}an identity-based policy of \S* lacks \{"Effect":"Allow","Action"/,
    );
    const one = await cli.run(
      ['explain', 'text:live', '--as', 'Stranger', '--json', '--action', 'lambda:invokefunction'],
      env(),
    );
    expect(one.code).toBe(1);
    expect(JSON.parse(one.stdout)).toMatchObject({
      action: 'lambda:InvokeFunction',
      decisions: [{ as: ROLE('Stranger'), allowed: false }],
    });
    const fooo = await cli.run(['explain', 'text:live', '--action', 'lambda:Fooo'], env());
    expect(fooo).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error: there is no IAM action 'lambda:Fooo'; /),
    });
    // Two accounts have one of this name.
    expect((await cli.run(['explain', 'text:live', '--as', 'Caller'], env())).stdout).toMatch(
      /^✓ arn:aws:iam::111111111111:role\/Caller\n.* may lambda:InvokeFunction/m,
    );
  });

  test('explain --resource says what the role of a function may do, and what to paste where it may not', async () => {
    const args = ['explain', 'Streams/Fn-text', '--action', 's3:GetObject', '--resource', 'Partner/Store/a.txt'];
    const { code, stdout } = await cli.run(args, env());
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^s3:GetObject on arn:aws:s3:::\S+\/a\.txt\n✗ arn:\S*:role\/\S+\n.* may not s3:GetObject on /,
    );
    expect(stdout).toContain('{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::');
  });

  test('the outputs are written as cdk deploy writes them', () => {
    const outputs = JSON.parse(readFileSync(join(cli.folder, 'outputs.json'), 'utf8'));
    expect(Object.keys(outputs)).toEqual(['Partner', 'Streams']);
  });

  test('the secret is for this user alone, and nobody is answered without it', async () => {
    const [file = ''] = records();
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o077).toBe(0);
    const { url, secret } = JSON.parse(readFileSync(file, 'utf8')) as { url: string; secret: string };
    const ask = (authorization: string) =>
      fetch(url, {
        method: 'POST',
        headers: { authorization },
        body: JSON.stringify({ about: 'call', question: { function: 'text' } }),
      });
    expect((await ask(`Bearer ${secret}`)).status).toBe(200);
    for (const wrong of ['', 'Bearer ', `Bearer ${secret.slice(1)}x`, secret]) {
      const refused = await ask(wrong);
      expect([refused.status, await refused.text()]).toEqual([
        403,
        '{"error":{"code":"FORBIDDEN","message":"forbidden"}}',
      ]);
    }
  });
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends it with 0: no process, file or secret stays',
  async (signal) => {
    const before = temporaryFiles();
    const target = cli.start(['start', '--app', 'cdk.out'], env());
    await target.said(/Ctrl-C stops it/);
    await cli.run(['invoke', '--local', 'text'], env());
    const child = cli.start(['invoke', '--local', 'endless:live'], env());
    await child.said(/begun/);
    const started = processesBelow(target.pid);
    if (process.platform === 'linux') expect(started.length).toBeGreaterThan(0);
    target.kill(signal);
    const { code, stderr } = await target.ended;
    expect({ code, alive: await survivors(started) }).toEqual({ code: 0, alive: [] });
    expect(stderr).toMatch(/Stopped; nothing is left\.\n$/);
    await child.ended;
    expect(records()).toEqual([]);
    expect(temporaryFiles()).toEqual(before);
  },
);

test('where its record cannot be written, it says so and ends', async () => {
  const folder = join(cli.folder, 'full');
  mkdirSync(folder);
  writeFileSync(join(folder, RECORDS), 'in the way');
  const { code, stderr } = await cli.run(['start', '--empty'], { TMPDIR: folder });
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(join(folder, RECORDS)) });
});

test('a reader of its output that leaves ends it in order', async () => {
  const target = cli.start(['start', '--json'], env());
  await target.said(/"ready"/);
  target.leave();
  await cli.run(['invoke', '--local', 'text'], env());
  expect((await target.ended).code).toBe(0);
  expect(records()).toEqual([]);
});

(process.platform === 'linux' ? test : test.skip)(
  'an app that does not want to end is ended, and nothing of its target is left',
  async () => {
    const before = temporaryFiles();
    const target = cli.start(['start', '--app', 'trap "" TERM; echo begun; sleep 60; sleep 60'], env());
    await target.said(/begun/);
    const started = processesBelow(target.pid);
    target.kill('SIGINT');
    // Two signals at once would reach it as one.
    await new Promise((resolve) => setTimeout(resolve, 300));
    target.kill('SIGINT');
    expect((await target.ended).code).toBe(130);
    expect(records()).toEqual([]);
    expect({ alive: await survivors(started), files: temporaryFiles() }).toEqual({
      alive: [],
      files: before,
    });
  },
);

test('for people: functions, how to call one, the environment for others, and the console in their browser', async () => {
  const browser = join(cli.folder, 'browser');
  // It gets no secret as an argument, but a page that only this user can read.
  writeFileSync(browser, `#!/bin/sh\ncp "\${1#file://}" "${browser}.part"; mv "${browser}.part" "${browser}.html"\n`);
  chmodSync(browser, 0o755);
  const target = cli.start(['start', '--open'], { ...env(), BROWSER: browser });
  const [, url = ''] = await target.said(/^Look at it in the console: (http:\S+)$/m);
  await target.said(/Ctrl-C stops it/);
  expect((await fetch(url)).status).toBe(200);
  if (process.platform !== 'win32') {
    while (!existsSync(`${browser}.html`)) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(readFileSync(`${browser}.html`, 'utf8')).toContain(`content='0; url=${url}'`);
  }
  await cli.run(['invoke', '--local', 'text'], env());
  const following = cli.start(['logs', '-f'], env());
  await following.said(/END RequestId/);
  target.kill('SIGINT');
  const { stdout, stderr } = await target.ended;
  expect(await following.ended).toMatchObject({ code: 0, stderr: 'the local target has ended\n' });
  expect(records()).toEqual([]);
  expect(stderr).toMatch(/^Partner created, Streams created \(synth \d+ ms, deploy \d+ ms\)\n/m);
  expect(stdout).toMatch(/^The local target is at http:\/\/127\.0\.0\.1:\d+$/m);
  expect(stdout).toMatch(/^ {2}Streams\/Fn-count {2}count:live$/m);
  // What only programs read is not in the way of what people do.
  expect(stdout).not.toContain('streamTarget');
  expect(stdout).toMatch(/^ {2}and 1 more output, which --outputs-file writes with these$/m);
  expect(stdout).toMatch(/^ {2}Streams\/Fn-chosen {2}chosen:beta, chosen:live$/m);
  expect(stdout).toContain("npx cdk-lambda-streaming invoke --local 'Streams/Fn-text'");
  expect(stdout).toMatch(/^ {2}export AWS_SESSION_TOKEN=\S+$/m);
});

test.each([
  [{}, 'false'],
  [{ CDK_VALIDATION: 'true' }, 'true'],
])('the app synthesizes with the environment %j, CloudFormation validator: %s', async (more, validation) => {
  const app = `"${process.execPath}" -p "'validation: ' + process.env.CDK_VALIDATION"; exit 3`;
  const { code, stderr } = await cli.run(['start', '--app', app], { ...env(), ...more });
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(`^validation: ${validation}\n`) });
});

describe('what is wrong', () => {
  test.each([
    [
      ['start', '--app', 'code'],
      2,
      "error: --app must be a command or the folder of a cloud assembly, got 'code', which has no manifest.json\n",
    ],
    [['start', '--app', ''], 2, "error: --app must be a command or the folder of a cloud assembly, got ''\n"],
    [['start', '--port', 'x'], 2, "error: --port must be a port, 0 to 65535, got 'x'\n"],
    [
      ['start', '--service', 'dynamodb=8000'],
      2,
      "error: --service must be names and addresses, such as dynamodb=http://127.0.0.1:8000, got 'dynamodb=8000'\n",
    ],
    [
      ['start', '--stacks', 'Nothing'],
      2,
      /^error: the cloud assembly has no stack 'Nothing'; it has: 'Partner', 'Streams'\n$/,
    ],
    [['start', '--outputs-file', 'no/x.json'], 2, /^error: --outputs-file must be a file in a folder that exists/],
    [['start', '--app', 'exit 3'], 1, "error: the app 'exit 3' failed: exit code 3\n"],
    [['dev', '--app', 'cdk.out'], 2, /^error: dev needs the command of an app/],
    [['invoke', '--local', 'text'], 2, /^error: no local target runs for this folder; start one/],
    [['logs'], 2, /^error: no local target runs for this folder; start one/],
    [['deploy'], 2, /^error: no local target runs for this folder; start one/],
    [['invoke', 'Streams/Fn-text'], 2, /^error: a construct path needs --local/],
  ] as const)('%j', async (args, code, message) => {
    const { stderr, ...result } = await cli.run(args, env());
    expect(result).toEqual({ code, stdout: '' });
    expect(stderr).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });
});
