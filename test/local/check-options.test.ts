import { type LocalTarget, type StartLocalOptions, startLocal } from 'cdk-lambda-streaming/local';

/** As from JavaScript, where nobody checks types. */
const start = (options: unknown): Promise<LocalTarget> => startLocal(options as StartLocalOptions);

const running: LocalTarget[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((local) => local.stop()));
});

const CONCURRENCY = 'maxConcurrency must be a whole number, 1 or more, or Infinity, got';
const PORT = 'port must be a whole number from 0 to 65535, got';
const IDLE = 'idleMs must be a number of milliseconds from 0 to 2147483647, got';
const ORGANIZATION = "organization must be an object such as { id: 'o-exampleorgid', paths: {} }, got";

describe('startLocal', () => {
  test.each([
    [{ maxConcurrency: Number.NaN }, `${CONCURRENCY} NaN`],
    [{ maxConcurrency: 0 }, `${CONCURRENCY} 0`],
    [{ maxConcurrency: -1 }, `${CONCURRENCY} -1`],
    [{ maxConcurrency: 1.5 }, `${CONCURRENCY} 1.5`],
    [{ maxConcurrency: 'x' }, `${CONCURRENCY} 'x'`],
    [{ port: 'x' }, `${PORT} 'x'`],
    [{ port: 65_536 }, `${PORT} 65536`],
    [{ errorReporting: 'trailer' }, "errorReporting must be 'observed' or 'trailers', got 'trailer'"],
    [{ streamingDryRun: true }, "streamingDryRun must be 'observed' or 'documented', got true"],
    [{ rechunk: true }, 'rechunk must be an object with a number as seed: { seed: 1 }, got true'],
    [{ rechunk: { seed: 'x' } }, 'rechunk must be an object with a number as seed'],
    [{ rechunk: { seed: 1, sed: 2 } }, "there is no option 'rechunk.sed'; did you mean 'seed'?"],
    [{ capBandwidth: 'no' }, "capBandwidth must be true or false, got 'no'"],
    [{ fault: 5 }, 'fault must be a function, got 5'],
    [{ onLog: 5 }, 'onLog must be a function, got 5'],
    [{ random: 0.5 }, 'random must be a function, got 0.5'],
    [
      { nodeExecutable: '/nope' },
      "nodeExecutable must be a function that gives the path of a Node.js for a runtime: () => '/usr/bin/node', got '/nope'",
    ],
    [{ idleMs: -1 }, `${IDLE} -1`],
    [{ idleMs: '5' }, `${IDLE} '5'`],
    [{ idleMs: 2 ** 31 }, `${IDLE} 2147483648`],
    [{ initTimeoutMs: Number.NaN }, 'initTimeoutMs must be a number of milliseconds from 1 to 2147483647, got NaN'],
    [{ account: 111_111_111_111 }, 'account must be twelve digits, got 111111111111'],
    [{ region: '' }, "region must be the name of a region such as 'us-east-1', got ''"],
    [{ organization: { paths: {} } }, `${ORGANIZATION} { paths }`],
    [
      { organization: { id: 'o-x', paths: {}, serviceControlPolicies: { '111111111111': {} } } },
      'organization.serviceControlPolicies must be an object of arrays of policy documents by account, got',
    ],
    [
      { organization: { id: 'o-x', paths: {}, serviceControlPolicies: { '111111111111': [{ Version: '1' }] } } },
      "a service control policy of account 111111111111 must have Version '2012-10-17'",
    ],
    [{ services: { DynamoDB: 'http://127.0.0.1:8000' } }, 'services must be an object of endpoints'],
    [{ services: { states: 'http://127.0.0.1:8000' } }, "services has no 'states' of AWS; did you mean 'sfn'?"],
    [{ services: { dynamo: 'http://127.0.0.1:8000' } }, "services has no 'dynamo' of AWS; did you mean 'dynamodb'?"],
    [
      { services: { secretsmanager: () => 1 } },
      "services has no 'secretsmanager' of AWS; did you mean 'secrets-manager'?",
    ],
    [{ services: { dynamodb: 'http://user:secret@127.0.0.1:8000' } }, 'services must be'],
    [{ services: { dynamodb: 'localhost:8000' } }, 'services must be an object of endpoints (http://…) or functions'],
    [{ images: { Web: { command: 'node' } } }, "images must be an object such as { 'Stack/Web': { command"],
    [{ images: { Web: { command: [] } } }, 'images must be an object such as'],
    [{ images: { Web: { cwd: 'app' } } }, 'images must be an object such as'],
    [{ ssmParameters: { '/p': 5 } }, 'ssmParameters must be an object of strings by the name of the parameter'],
    [{ maxConcurency: 5 }, "there is no option 'maxConcurency'; did you mean 'maxConcurrency'?"],
    [{ environmentFor: () => ({}) }, "there is no option 'environmentFor'; there are port, account, region,"],
    [null, 'the options must be an object, got null'],
    [[], 'the options must be an object, got []'],
  ])('refuses %p', async (options, message) => {
    const started = start(options).then((local) => running.push(local));
    await expect(started).rejects.toThrow(`startLocal(): ${message}`);
  });

  test('takes every option it has, and undefined for each', async () => {
    const options: Required<StartLocalOptions> = {
      port: 0,
      account: '111111111111',
      console: true,
      onDeploy: () => undefined,
      onChange: () => undefined,
      region: 'eu-west-1',
      services: { dynamodb: 'http://127.0.0.1:8000', 'bedrock-runtime': () => new Response() },
      ssmParameters: { '/p': 'v' },
      images: { 'Stack/Web': { command: ['node', 'server.js'], cwd: 'app' } },
      issuers: { 'https://issuer.example': { keys: [] } },
      organization: { id: 'o-x', paths: { '111111111111': 'o-x/r-root/' }, serviceControlPolicies: {} },
      errorReporting: 'trailers',
      streamingDryRun: 'documented',
      rechunk: { seed: 1 },
      capBandwidth: true,
      coalescing: true,
      clock: { speed: 60 },
      fault: () => undefined,
      maxConcurrency: Number.POSITIVE_INFINITY,
      idleMs: 0,
      initTimeoutMs: 1,
      onLog: () => undefined,
      nodeExecutable: () => process.execPath,
      random: Math.random,
    };
    running.push(await start(options));
    running.push(await start(Object.fromEntries(Object.keys(options).map((name) => [name, undefined]))));
    expect(running).toHaveLength(2);
  });
});

describe('deploy', () => {
  test.each([
    [[], "deploy() needs the directory of a cloud assembly, such as 'cdk.out' or app.synth().directory, got undefined"],
    [[''], 'deploy() needs the directory of a cloud assembly'],
    [[{ directory: 'cdk.out' }], 'got { directory }'],
    [['cdk.out', { parameter: {} }], "deploy(): there is no option 'parameter'; did you mean 'parameters'?"],
    [['cdk.out', { stacks: 'Api' }], "deploy(): stacks must be an array of non-empty strings, got 'Api'"],
    [['cdk.out', { inertTypes: [5] }], 'deploy(): inertTypes must be an array of non-empty strings, got [5]'],
    [
      ['cdk.out', { parameters: { Name: ['a'] } }],
      "deploy(): parameters must be an object of values by 'Parameter' or 'Stack:Parameter', got { Name }",
    ],
  ])('refuses %p', async (args, message) => {
    const local = await startLocal();
    running.push(local);
    const deployed = local.deploy(...(args as unknown as Parameters<LocalTarget['deploy']>));
    await expect(deployed).rejects.toMatchObject({
      name: 'LocalConfigError',
      message: expect.stringContaining(message),
    });
  });
});

describe('clientConfig', () => {
  const NEEDS =
    "clientConfig() needs the principal the client is, for example { as: 'arn:aws:iam::111111111111:root' } for an administrator, got";

  test.each([
    [undefined, `${NEEDS} undefined`],
    [{}, `${NEEDS} {}`],
    [{ as: undefined }, `${NEEDS} { as }`],
    [null, 'clientConfig(): the options must be an object, got null'],
    [{ as: 5 }, 'clientConfig(): as must be a non-empty string, got 5'],
    [
      { as: 'arn:aws:iam::111111111111:root', sesionName: 'me' },
      "clientConfig(): there is no option 'sesionName'; did you mean 'sessionName'?",
    ],
  ])('refuses %p', async (options, message) => {
    const local = await startLocal();
    running.push(local);
    const configure = () => local.clientConfig(options as unknown as Parameters<LocalTarget['clientConfig']>[0]);
    expect(configure).toThrow(message);
    expect(configure).toThrow(expect.objectContaining({ name: 'LocalConfigError' }));
  });
});
