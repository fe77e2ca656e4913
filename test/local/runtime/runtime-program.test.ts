/** Functions whose runtime is not Node.js: Python on a client of ours, and OS-only runtimes, which bring their own program. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { bootstrapOf, executableProblem } from '../../../src/local/runtime/bootstrap-file';
import { pythonFor } from '../../../src/local/runtime/python';
import { type LocalLambda, startLocalLambda, streamOf } from '../operations/local-lambda';

let lambda: LocalLambda;
beforeAll(async () => {
  lambda = await startLocalLambda({ errorReporting: 'trailers' });
});
afterAll(() => lambda.stop());

async function invoke(FunctionName: string, event: unknown = {}) {
  const Payload = Buffer.from(JSON.stringify(event));
  const {
    FunctionError,
    LogResult = '',
    ...rest
  } = await lambda.client.send(new InvokeCommand({ FunctionName, Payload, LogType: 'Tail' }));
  const log = Buffer.from(LogResult, 'base64').toString('utf8');
  return { failed: FunctionError, log, payload: JSON.parse(Buffer.from(rest.Payload ?? []).toString('utf8')) };
}

let count = 0;
function bootstrap(source: string, mode = 0o755): string {
  const codeDirectory = join(lambda.folder, `bootstrap${++count}`);
  mkdirSync(codeDirectory);
  writeFileSync(join(codeDirectory, 'bootstrap'), source);
  chmodSync(join(codeDirectory, 'bootstrap'), mode);
  return lambda.define('', { codeDirectory, runtime: 'provided.al2023', handler: 'hello.handler', timeoutSeconds: 2 })
    .functionName;
}

/** A runtime in a few lines of Node.js, which speaks to the Runtime API as one in Go or Rust would. */
const STREAMING = `#!/usr/bin/env node
const { request, get } = require('node:http');
const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/';
const next = () => get(api + 'next', async (answer) => {
  const parts = []; for await (const part of answer) parts.push(part);
  const event = JSON.parse(Buffer.concat(parts));
  console.log('runs ' + process.env._HANDLER);
  const response = request(api + answer.headers['lambda-runtime-aws-request-id'] + '/response', {
    method: 'POST',
    headers: {
      'content-type': 'text/plain',
      'transfer-encoding': 'chunked',
      ...(event.buffered ? {} : { 'lambda-runtime-function-response-mode': 'streaming' }),
      trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
    },
  }, (accepted) => accepted.resume().on('end', next));
  for (const word of event.words) { response.write(word); await new Promise((resolve) => setTimeout(resolve, 20)); }
  if (event.fails) response.addTrailers({
    'Lambda-Runtime-Function-Error-Type': 'Runtime.Made.Up',
    'Lambda-Runtime-Function-Error-Body': Buffer.from(JSON.stringify({ errorType: 'Runtime.Made.Up', errorMessage: 'no more' })).toString('base64'),
  });
  response.end();
});
next();`;

describe('an OS-only runtime', () => {
  test('streams, buffers and fails as its program says', async () => {
    const FunctionName = bootstrap(STREAMING);
    const streamed = await streamOf(lambda.client, { FunctionName, event: { words: ['one', 'two', 'three'] } });
    expect(streamed).toMatchObject({ chunks: ['one', 'two', 'three'], errorCode: undefined });
    expect(streamed.logTail).toMatch(/^START .*\nruns hello\.handler\nEND .*\nREPORT .*Max Memory Used: \d+ MB\tInit/);
    const buffered = await streamOf(lambda.client, { FunctionName, event: { words: ['a', 'b'], buffered: true } });
    expect(buffered.text).toBe('ab');
    const failed = await streamOf(lambda.client, { FunctionName, event: { words: ['a'], fails: true } });
    expect(failed).toMatchObject({ text: 'a', errorCode: 'Unhandled' });
    expect(failed.errorDetails).toMatch(/Runtime\.Made\.Up.*no more/);
  });

  test('that ends before it asks for an event fails, and its words are in the log', async () => {
    const { failed, log, payload } = await invoke(bootstrap('#!/bin/sh\necho from the shell\nexit 3\n'));
    expect([failed, payload.errorType]).toEqual(['Unhandled', 'Runtime.ExitError']);
    expect(payload.errorMessage).toContain('exit status 3');
    expect(log).toContain('from the shell\n');
  });

  test.each([
    ['is missing', 0],
    ['may not be executed', 0o644],
  ])('whose bootstrap %s fails in the words of AWS', async (_how, mode) => {
    const name =
      mode === 0 ? lambda.define('', { runtime: 'provided.al2' }).functionName : bootstrap('#!/bin/sh\n', mode);
    expect((await invoke(name)).payload).toMatchObject({
      errorType: 'Runtime.InvalidEntrypoint',
      errorMessage: expect.stringContaining("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"),
    });
  });

  test.each([
    [
      'of another machine',
      elf(243),
      /it is a program for linux on machine 243, and this machine is \w+ on \w+\. Build it/,
    ],
    ['of a missing interpreter', '#!/nowhere/sh\n', /is a script for '\/nowhere\/sh', which is not installed here/],
    ['of none', 'echo', /is neither a script that begins with '#!' nor a program/],
  ])('whose program is one %s is refused, and told why', async (_which, source, message) => {
    await expect(invoke(bootstrap(source))).rejects.toMatchObject({ name: 'InvalidRuntimeException', message });
  });
});

function elf(machine: number): string {
  const head = Buffer.alloc(64);
  head.writeUInt32BE(0x7f454c46);
  head.writeUInt16LE(machine, 18);
  return head.toString('latin1');
}

test('a program of this machine, and scripts with an interpreter that is there, can be executed', () => {
  expect(executableProblem(process.execPath)).toBeUndefined();
  const codeDirectory = join(lambda.folder, 'scripts');
  mkdirSync(codeDirectory);
  const file = join(codeDirectory, 'bootstrap');
  const problemOf = (line: string) => {
    writeFileSync(file, `${line}\n`);
    return executableProblem(file);
  };
  expect(['#!/bin/sh -e', '#! /usr/bin/env -S node --no-warnings', '#!/usr/bin/env A=b sh'].map(problemOf)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(['#!', '#!/usr/bin/env no-such-program'].map(problemOf)).toEqual([
    "names no interpreter after '#!'",
    "is a script for 'no-such-program', which is not installed here",
  ]);
});

test('a layer may hold the program, and the last one wins', () => {
  const folders = ['a', 'b', 'c'].map((name) => join(lambda.folder, `layers-${name}`));
  for (const folder of folders) mkdirSync(folder);
  const [codeDirectory = '', one = '', two = ''] = folders;
  for (const folder of [one, two]) writeFileSync(join(folder, 'bootstrap'), '#!/bin/sh\n', { mode: 0o755 });
  expect(bootstrapOf({ codeDirectory, layerDirectories: [one, two] })).toBe(join(two, 'bootstrap'));
});

test('a runtime that nothing here can play is refused with what would help', async () => {
  const { functionName } = lambda.define('', { runtime: 'java21' });
  await expect(invoke(functionName)).rejects.toThrow(
    `The function ${functionName} has the runtime java21, which cannot run here: Node.js, Python and OS-only runtimes ` +
      "(provided.al2023) can. Put a web server behind the Lambda Web Adapter, or deploy it as a container image with a program that plays it in the option 'images' of startLocal()",
  );
});

const PYTHON = `
import decimal, json, logging, os, subprocess, sys
logging.getLogger().setLevel("INFO")
print("loaded")
class Special(Exception): pass
def echo(event, context):
    return {"event": event, "name": context.function_name, "id": context.aws_request_id, "arn": context.invoked_function_arn,
            "left": 0 < context.get_remaining_time_in_millis() <= 20000, "memory": context.memory_limit_in_mb,
            "root": os.environ["LAMBDA_TASK_ROOT"] == os.getcwd() == sys.path[0], "custom": context.client_context and context.client_context.custom}
def logs(event, context):
    print("two\\nlines")
    logging.info("an %s", "info")
    logging.getLogger("x").warning("of two\\nlines")
    print("no end", end="")
    sys.stderr.write("an error\\n")
    subprocess.run(["echo", "from a program"], stdout=sys.stdout)
    return None
def fails(event, context):
    raise Special("no way")
def values(event, context):
    return {"text": "ä€", "decimal": decimal.Decimal("0.10"), "tuple": (1, 2)}
def raw(event, context):
    return b"\\xff\\x00"
def unserializable(event, context):
    return {1, 2}
def exits(event, context):
    sys.exit(4)
`;

const hasPython = spawnSync('python3', ['--version']).status === 0;
(hasPython ? describe : describe.skip)('a Python function', () => {
  let names: Record<string, string>;
  beforeAll(() => {
    const codeDirectory = join(lambda.folder, 'python');
    const handlers = ['echo', 'logs', 'fails', 'values', 'raw', 'unserializable', 'exits', 'missing'];
    names = Object.fromEntries(
      handlers.map((handler) => [
        handler,
        lambda.define(PYTHON, { codeDirectory, file: 'app.py', handler: `app.${handler}`, runtime: 'python3.13' })
          .functionName,
      ]),
    );
  });
  const run = (handler: string, event?: unknown) => invoke(names[handler] ?? handler, event);

  test('gets the event and the context, and returns a value; it answers in one piece', async () => {
    const { payload } = await run('echo', { a: 'ä' });
    expect(payload).toMatchObject({
      event: { a: 'ä' },
      name: names['echo'],
      arn: expect.stringMatching(`:function:${names['echo']}$`),
      left: true,
      memory: '256',
      root: true,
      custom: null,
    });
    const streamed = await streamOf(lambda.client, { FunctionName: names['values'] });
    expect(streamed.chunks).toEqual(['{"text": "ä€", "decimal": 0.10, "tuple": [1, 2]}']);
  });

  test('logs what it prints, line by line, and its log records as they are, in order', async () => {
    const { log } = await run('logs');
    const lines = log
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
      .replaceAll(/[\da-f-]{36}/g, '<id>')
      .split('\n');
    expect(lines.slice(0, 8)).toEqual([
      'loaded',
      'START RequestId: <id> Version: $LATEST',
      'two',
      'lines',
      '[INFO]\t<time>\t<id>\tan info',
      '[WARNING]\t<time>\t<id>\tof two',
      'lines',
      'no endan error',
    ]);
    expect(lines).toContain('from a program');
    expect(log).toMatch(/Max Memory Used: [1-9]\d* MB/);
  });

  test('that raises fails with type, message and its own lines as trace', async () => {
    const { failed, log, payload } = await run('fails');
    expect(failed).toBe('Unhandled');
    expect(payload).toMatchObject({ errorType: 'Special', errorMessage: 'no way', requestId: expect.any(String) });
    expect(payload.stackTrace).toEqual([expect.stringMatching(/app\.py", line \d+, in fails\n {4}raise Special/)]);
    expect(log).toContain('[ERROR] Special: no way\nTraceback (most recent call last):\n');
    expect((await run('unserializable')).payload).toMatchObject({
      errorType: 'Runtime.MarshalError',
      errorMessage: 'Unable to marshal response: Object of type set is not JSON serializable',
    });
  });

  test('that exits ends its process, and returns bytes where it likes', async () => {
    expect((await run('exits')).payload).toMatchObject({ errorType: 'Runtime.ExitError' });
    const answer = await lambda.client.send(new InvokeCommand({ FunctionName: names['raw'] }));
    expect([...(answer.Payload ?? [])]).toEqual([255, 0]);
  });

  test('that cannot be loaded says why, in the words of AWS', async () => {
    const cases = {
      'app.missing': [PYTHON, 'Runtime.HandlerNotFound', "Handler 'missing' missing on module 'app'"],
      'nope.run': [PYTHON, 'Runtime.ImportModuleError', "Unable to import module 'nope': No module named 'nope'"],
      'app.run': ['def (', 'Runtime.UserCodeSyntaxError', "Syntax error in module 'app': invalid syntax"],
      run: [PYTHON, 'Runtime.MalformedHandlerName', "Bad handler 'run': not enough values to unpack"],
    } as const;
    const answers = Object.entries(cases).map(async ([handler, [source, errorType, message]]) => {
      const { functionName } = lambda.define(source, { file: 'app.py', handler, runtime: 'python3.13' });
      const { payload } = await invoke(functionName);
      expect(payload).toMatchObject({ errorType, errorMessage: expect.stringContaining(message) });
    });
    await Promise.all(answers);
  });

  test('finds packages of its layers, and logs in JSON where it is to', async () => {
    const layer = join(lambda.folder, 'python-layer');
    mkdirSync(join(layer, 'python'), { recursive: true });
    writeFileSync(join(layer, 'python', 'shared.py'), 'VALUE = 42\n');
    const { functionName } = lambda.define(
      'import logging, shared\ndef run(event, context):\n  logging.error("bad", extra={"k": 1})\n  return shared.VALUE\n',
      { file: 'app.py', handler: 'app.run', runtime: 'python3.13', layerDirectories: [layer], logFormat: 'JSON' },
    );
    const { payload, log } = await invoke(functionName);
    expect(payload).toBe(42);
    const record = log.split('\n').find((line) => line.startsWith('{')) ?? '{}';
    expect(JSON.parse(record)).toMatchObject({ level: 'ERROR', message: 'bad', logger: 'root', k: 1 });
  });
});

test('a Python with the client of AWS runs that one', async () => {
  const bin = join(lambda.folder, 'bin');
  mkdirSync(bin);
  const python = `#!/bin/sh\nif [ "$1" = -c ]; then echo '["'$0'", "3.99", true]'; else echo "ran $*"; fi\n`;
  writeFileSync(join(bin, 'python3.99'), python, { mode: 0o755 });
  const { PATH } = process.env;
  process.env['PATH'] = `${bin}:${PATH}`;
  try {
    expect(pythonFor('python3.99')).toMatchObject({ version: '3.99', hasAwsClient: true });
    const { functionName } = lambda.define('', { file: 'app.py', handler: 'app.run', runtime: 'python3.99' });
    expect((await invoke(functionName)).log).toContain('ran -m awslambdaric app.run\n');
  } finally {
    process.env['PATH'] = PATH;
  }
});
