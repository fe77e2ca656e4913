/** Calls functions of a real local target, in the process of this test, by the built command line. */
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { type BuiltCli, buildCli, type CliResult } from '../support/built-cli';
import { ACCOUNT, ROLE, synthesizeStreams } from '../support/streams-app';

let cli: BuiltCli;
let local: LocalTarget;
const logs: string[] = [];

beforeAll(async () => {
  cli = await buildCli();
  local = await startLocal({ onLog: ({ message }) => logs.push(message) });
  await local.deploy(synthesizeStreams(cli.folder));
});
afterAll(async () => {
  await local?.stop();
  cli?.remove();
});

function environment(): Record<string, string> {
  const { credentials, region } = local.clientConfig({ as: `arn:aws:iam::${ACCOUNT}:root` });
  return {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_REGION: region,
  };
}

function invoke(...args: string[]): Promise<CliResult> {
  return cli.run(['invoke', '--endpoint', local.endpoint, ...args], environment());
}

const lines = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('--endpoint without keys says which ones it takes', async () => {
  const advice = `a target at ${local.endpoint} takes its own keys: export the AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN that start or dev has printed, or call it by --local, which needs none\n`;
  const home = { HOME: cli.folder, AWS_REGION: 'eu-west-1' };
  const without = await cli.run(['invoke', '--endpoint', local.endpoint, 'text:live'], home);
  expect(without.code).toBe(1);
  expect(without.stderr).toMatch(/^a target at [\s\S]*\nerror: \[ACCESS_DENIED\] no credentials were found/);
  expect(without.stderr).toContain(advice);
});

describe('a whole stream', () => {
  test('the payload, byte for byte, on standard output; the sum on standard error; 0', async () => {
    const { code, stdout, stderr } = await invoke('text:live', '--payload', '{"name":"Ada"}');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello Ada' });
    expect(stderr).toMatch(/^2 pieces, 9 bytes; first byte after \d+ ms, end after \d+ ms, \d+ B\/s\n\|.{40}\|\n✓ /);
    expect(stderr).toContain(
      '✓ ended as it should by what Lambda and the log say; the stream itself has no end marker\n',
    );
  });

  test('bytes pass as they are, too', async () => {
    const { stdout } = await invoke('bytes', '--qualifier', 'live', '--json');
    expect(lines(stdout)[1]).toMatchObject({ type: 'chunk', base64: 'AP8B' });
  });

  test('of a contract: the chunks and the final value, as JSON while they come', async () => {
    const { code, stdout, stderr } = await invoke('count:live', '--json', '--payload', '{"to":3}');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [head, ...rest] = lines(stdout);
    const end = rest.pop();
    expect(head).toMatchObject({ type: 'head', executedVersion: '1' });
    expect(rest.map(({ type, value }) => ({ type, value }))).toEqual(
      [1, 2, 3].map((n) => ({ type: 'chunk', value: { n } })),
    );
    expect(end).toMatchObject({
      type: 'end',
      by: 'end-marker',
      final: { sum: 6 },
      chunks: 3,
      firstByteMs: rest[0]?.['atMs'],
    });
    expect(JSON.stringify(end)).toMatch(/"firstByteMs":\d+(\.\d)?,"totalMs":\d+(\.\d)?}/);
    const times = rest.map(({ atMs }) => Number(atMs));
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('of a web handler: its end mark', async () => {
    const { code, stderr } = await invoke('site:live', '--payload', '@event.json');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "error: --payload names the file 'event.json', which does not exist\n",
    });
    const event = { version: '2.0', rawPath: '/', headers: { host: 'h' }, requestContext: { http: { method: 'GET' } } };
    writeFileSync(join(cli.folder, 'event.json'), JSON.stringify(event));
    const whole = await invoke('site:live', '--payload', '@event.json');
    expect(whole).toMatchObject({ code: 0, stdout: 'data: 1\n\ndata: 2\n\n: $stream end\n\n' });
    expect(whole.stderr).toMatch(/^HTTP 200 text\/event-stream\n2 chunks in \d pieces?, 33 bytes; /);
    expect(whole.stderr).toContain('✓ whole: the end mark came\n');
  });

  test('by its ARN, whose region wins', async () => {
    const arn = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:text:live`;
    const { AWS_REGION, ...others } = environment();
    const { code, stdout } = await cli.run(['invoke', arn, '--endpoint', local.endpoint], others);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello nobody' });
  });

  test('--tail shows the end of the log', async () => {
    const { stderr } = await invoke('text:live', '--tail');
    expect(stderr).toMatch(/^START RequestId: [\s\S]*\nREPORT RequestId: /);
  });
});

describe('a stream that is not whole ends with 1 and says why', () => {
  test("the handler's own error, by its type", async () => {
    const { code, stderr } = await invoke('quota:live');
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'error: [REMOTE] QuotaExceeded: no tokens left\n' });
    const { stdout } = await invoke('quota:live', '--json');
    expect(lines(stdout).at(-1)).toMatchObject({
      error: { code: 'REMOTE', errorType: 'QuotaExceeded', statusCode: 429, invoked: 'yes' },
    });
  });

  test('an end marker that counts other chunks', async () => {
    const { code, stderr } = await invoke('miscounted:live');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'error: [DECODE] the end marker counts 2 chunks, but 1 arrived\n',
    });
  });

  test('a function that fails in the middle: what came is shown', async () => {
    const { code, stdout, stderr } = await invoke('crash:live', '--tail');
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'half' });
    expect(stderr).toMatch(/^START RequestId: [\s\S]*\nREPORT RequestId: .*\nerror: \[FUNCTION_ERROR\] .*secret/);
    // The frames of whoever runs the function say nothing about it.
    const trace = logs.find((message) => message.includes('"secret"'));
    expect(trace).toMatch(/"stack":\["Error: secret",".*index\.mjs:\d+:\d+\)"/);
    expect(logs.join() + stderr).not.toContain('/assets/');
  });
});

describe('as whom', () => {
  test('--as assumes the role first', async () => {
    const { code, stdout } = await invoke('text:live', '--as', ROLE('Caller'));
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello nobody' });
  });

  test('a role that may not call is refused in the words of IAM', async () => {
    const { code, stdout, stderr } = await invoke('text:live', '--as', ROLE('Stranger'));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error: \[ACCESS_DENIED\] .*assumed-role\/Stranger\/cdk-lambda-streaming is not authorized/,
    );
  });

  test('a role that nobody has defined', async () => {
    const { code, stderr } = await invoke('text:live', '--as', ROLE('Nobody'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: arn:aws:iam::111111111111:role\/Nobody cannot be assumed: .* sts:AssumeRole/);
  });

  test('a function that does not exist', async () => {
    const { code, stderr } = await invoke('nothing');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: \[NOT_FOUND\] .*function:nothing/);
  });
});

describe('wrong usage', () => {
  test.each([
    [
      ['text', '--payload', 'hello'],
      /^error: --payload must be JSON, got 'hello': .*; a string is JSON in double quotes\n$/,
    ],
    [['text', '--payload', '@.'], /^error: --payload names the file '\.', which cannot be read: EISDIR/],
    [['text', '--as', 'Caller'], /^error: --as must be the ARN of a role, such as .*, got 'Caller'\n$/],
    [
      ['text', '--endpoint', 'localhost'],
      /^error: --endpoint must be the address of a local target, .*, got 'localhost'\n$/,
    ],
    [
      ['text', '--timeline', 'nowhere/x.svg'],
      /^error: --timeline must be .*, got 'nowhere\/x.svg', and there is no folder '.*'\n$/,
    ],
    [['a b'], /^error: \[CONFIG_INVALID\] functionName .*'a b'/],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await invoke(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

test('--timeline draws the stream, also one that fails', async () => {
  const file = join(cli.folder, 'out.svg');
  await invoke('count:live', '--payload', '{"to":3}', '--timeline', file);
  expect(readFileSync(file, 'utf8')).toMatch(
    /<title id="title">count:live<\/title>\n<desc id="description">\d pieces?, \d+ bytes; the first after \d+ ms, end after \d+ ms<\/desc>/,
  );
  await invoke('crash:live', '--timeline', file);
  expect(readFileSync(file, 'utf8')).toMatch(/failed after \d+ ms: \[FUNCTION_ERROR\]/);
});

describe('a payload from standard input', () => {
  const args = () => ['invoke', '--endpoint', local.endpoint, 'text:live', '--payload', '-'];
  test.each([
    ['with a byte order mark', Buffer.from('\uFEFF{"name":"Ada"}'), { code: 0, stdout: 'hello Ada' }],
    [
      'that is not UTF-8',
      Buffer.from([0x22, 0xff, 0x22]),
      { code: 2, stderr: expect.stringContaining('JSON in UTF-8') },
    ],
    [
      'that is empty',
      Buffer.alloc(0),
      { code: 2, stderr: expect.stringContaining("standard input must be JSON, got ''") },
    ],
  ])('%s', async (_, bytes, outcome) => {
    const child = cli.start(args(), environment());
    child.stdin.end(bytes);
    expect(await child.ended).toMatchObject(outcome);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('that never comes: %s does not wait for it', async (signal, code) => {
    const child = cli.start([...args(), '--json'], environment());
    // More than the pipe takes, so it reads.
    child.stdin.write(' '.repeat(1_000_000));
    await once(child.stdin, 'drain');
    child.kill(signal);
    expect(await child.ended).toMatchObject({
      code,
      stdout: '{"error":{"code":"INTERRUPTED","message":"interrupted"}}\n',
      stderr: '',
    });
  });
});

test('Ctrl-C in the middle of a stream ends the call: 130, and what came so far is drawn', async () => {
  const file = join(cli.folder, 'interrupted.svg');
  const args = ['invoke', '--endpoint', local.endpoint, 'endless:live', '--timeline', file];
  const child = cli.start(args, environment());
  await child.said(/begun/);
  child.kill('SIGINT');
  const { code, stdout } = await child.ended;
  expect({ code, stdout, isDrawn: existsSync(file) }).toEqual({ code: 130, stdout: 'begun', isDrawn: true });
});
