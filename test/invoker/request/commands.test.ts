/** Where commands come from: a `Lambda` client makes its own, so that no other copy of the SDK is needed beside it. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Lambda, LambdaClient } from '@aws-sdk/client-lambda';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamInvoker } from 'cdk-lambda-streaming/invoker';
import { build } from 'esbuild';
import { invokeComplete, payloadChunk, rejection } from '../read-stream';
import { serviceError, stream, useWireServer } from '../wire-server';

const root = join(__dirname, '..', '..', '..');
const text = streamContract({ format: 'text' });
const wire = useWireServer();

/** A program that asks the endpoint of its first argument by a client of the class that the second names. */
const program = (clients: string) => `
  import { Lambda, LambdaClient } from '${clients}';
  import { streamContract } from './src/contract';
  import { streamInvoker } from './src/invoker';
  const [, , endpoint, kind] = process.argv;
  const client = new { Lambda, LambdaClient }[kind]({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  const invoker = streamInvoker(streamContract({ format: 'text' }), { functionName: 'f', client });
  const said = async (call) => { try { return await call(); } catch (error) { return error.rawMessage ?? error.stack; } };
  (async () => {
    const streamed = await said(async () => (await invoker.invoke({})).text());
    const asked = await said(() => invoker.dryRun());
    console.log(JSON.stringify([streamed, asked]));
  })();`;

describe('in a folder without the SDK, with a client that the program has bundled', () => {
  const shared = { bundle: true, platform: 'node', format: 'cjs', logLevel: 'silent' } as const;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'invoker-given-client-'));
    const sdk = { contents: "export { Lambda, LambdaClient } from '@aws-sdk/client-lambda'", resolveDir: root };
    await build({ ...shared, stdin: sdk, outfile: join(folder, 'client.cjs') });
    const external = ['@aws-sdk/*', './client.cjs'];
    await build({
      ...shared,
      external,
      stdin: { contents: program('./client.cjs'), resolveDir: root },
      outfile: join(folder, 'main.cjs'),
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function run(kind: 'Lambda' | 'LambdaClient', file = 'main.cjs'): Promise<unknown> {
    wire.answer(stream([payloadChunk('it works'), invokeComplete()]), (response) => void response.writeHead(204).end());
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, file), wire.endpoint, kind]);
    return JSON.parse(stdout);
  }

  test('invoke() and dryRun() of a Lambda load no SDK', async () => {
    expect(await run('Lambda')).toEqual(['it works', { allowed: true }]);
  });

  test('a LambdaClient has no commands: the error says what to install or to pass instead', async () => {
    const remedy = expect.stringMatching(
      /npm install @aws-sdk\/client-lambda, or pass a client of the class Lambda, which makes its commands itself$/,
    );
    expect(await run('LambdaClient')).toEqual([remedy, remedy]);
  });

  test('a LambdaClient that is bundled with the invoker is served by the copy of the SDK that it is from', async () => {
    const contents = program('@aws-sdk/client-lambda');
    const { metafile } = await build({
      ...shared,
      external: ['@aws-sdk/client-cloudformation', '@aws-sdk/client-ssm'],
      metafile: true,
      outfile: join(folder, 'together.cjs'),
      stdin: { contents, resolveDir: root },
    });
    expect(await run('LambdaClient', 'together.cjs')).toEqual(['it works', { allowed: true }]);
    const copies = Object.keys(metafile.inputs).filter((file) => /client-lambda\/dist-\w+\/index\.js$/.test(file));
    expect(copies).toHaveLength(1);
  });
});

const lambda = () => new Lambda({ ...wire.clientConfig, maxAttempts: 5 });

test('a Lambda sends as it is configured, and each attempt has a command of its own', async () => {
  const refusal = serviceError(429, 'TooManyRequestsException');
  wire.answer(refusal, stream([payloadChunk('a'), invokeComplete()]));
  const client = lambda();
  const retry = { baseDelayMs: 0 };
  const opened = await streamInvoker(text, { functionName: 'f', qualifier: 'live', client, retry }).invoke({ a: 1 });
  expect(await opened.text()).toBe('a');
  expect(wire.requests.map(({ url, body }) => [url, String(body)])).toEqual(
    Array(2).fill(['/2021-11-15/functions/f/response-streaming-invocations?Qualifier=live', '{"a":1}']),
  );
  expect(wire.requests[1]?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 .*\/us-east-1\/lambda\//);
  client.destroy();
});

test('a Lambda whose methods are mocked is served by commands of the installed SDK', async () => {
  wire.answer(stream([payloadChunk('a'), invokeComplete()]));
  const client = Object.assign(lambda(), { invoke: () => Promise.reject(new Error('mocked')) });
  expect(await (await streamInvoker(text, { functionName: 'f', client }).invoke({})).text()).toBe('a');
  client.destroy();
});

test('a client that is older than the installed SDK is named as what does not fit', async () => {
  const client = new LambdaClient(wire.clientConfig);
  // As the SDK 3.450 says it, whose own commands bring that middleware along.
  const message =
    'serializerMiddleware is not found when adding endpointV2Middleware middleware before serializerMiddleware';
  client.send = () => {
    throw new Error(message);
  };
  const error = await rejection(streamInvoker(text, { functionName: 'f', client }).invoke({}));
  expect(error).toMatchObject({
    code: 'CONFIG_INVALID',
    invoked: 'no',
    message: expect.stringContaining(
      'install one version of @aws-sdk/client-lambda, or pass a client of its class Lambda',
    ),
  });
  client.destroy();
});
