import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { InvokeCommand, InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import type { StackSource } from './engine/write-assembly';
import { functionResources, removeFolders, temporaryFolder, writeAssembly } from './engine/write-assembly';
import { processGone } from './runtime/host-process';

const A = { account: '111111111111', region: 'eu-west-1' };
const B = { account: '222222222222', region: 'eu-central-1' };

let local: LocalTarget;

beforeEach(async () => {
  local = await startLocal();
});

afterEach(async () => {
  await local.stop();
  removeFolders();
});

function role(RoleName: string, Principal: unknown, more: object = {}) {
  const Statement = { Effect: 'Allow', Principal, Action: 'sts:AssumeRole', ...more };
  return { Type: 'AWS::IAM::Role', Properties: { RoleName, AssumeRolePolicyDocument: { Statement } } };
}

async function deploy(stacks: Readonly<Record<string, StackSource>>): Promise<void> {
  await local.deploy(writeAssembly(stacks));
}

const arn = (name: string, account: string = A.account) => `arn:aws:iam::${account}:role/${name}`;

describe('explain', () => {
  test('tells an error of the SDK that IAM refused apart, and gives the statement that is missing', async () => {
    const template = {
      Resources: { ...functionResources({ FunctionName: 'chat' }), Visitor: role('Caller', { AWS: A.account }) },
    };
    await deploy({ One: { ...A, template } });
    const client = new LambdaClient(local.clientConfig({ as: arn('Caller') }));
    const error: unknown = await client.send(new InvokeCommand({ FunctionName: 'chat' })).catch((cause) => cause);
    const { summary, missing } = local.explain(error);
    expect(summary).toMatch(
      /assumed-role\/Caller\/local may not lambda:InvokeFunction .*: no identity-based policy allows it$/,
    );
    expect(missing).toEqual([
      {
        kind: 'identity-based',
        where: `an identity-based policy of ${arn('Caller')}`,
        statement: {
          Effect: 'Allow',
          Action: 'lambda:InvokeFunction',
          Resource: `arn:aws:lambda:${A.region}:${A.account}:function:chat`,
        },
      },
    ]);
    expect(local.explain((error as Error).message)).toEqual(local.explain(error));
  });

  test.each([[new Error('another')], [undefined], [''], [Object.create(null)], [{ message: Object.create(null) }]])(
    'refuses %p, which IAM never said',
    (refusal) => {
      expect(() => local.explain(refusal)).toThrow(
        'explain() takes an error or response of a request that was refused here lately, by IAM or for its signature, or its message, got ',
      );
    },
  );
});

describe('clientConfig', () => {
  test('gives endpoint, credentials and the region of the stack that defines the role', async () => {
    await deploy({
      One: { ...A, template: { Resources: { R: role('One', { AWS: A.account }) } } },
      Two: { ...B, template: { Resources: { R: role('Two', { AWS: B.account }) } } },
    });
    expect(local.clientConfig({ as: arn('Two', B.account) })).toEqual({
      endpoint: local.endpoint,
      region: B.region,
      credentials: {
        accessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
        secretAccessKey: expect.stringMatching(/^.{40}$/),
        sessionToken: expect.any(String),
        expiration: expect.any(Date),
      },
    });
    expect(local.clientConfig({ as: arn('One') }).region).toBe(A.region);
    expect(local.clientConfig({ as: arn('One'), region: 'us-west-2' }).region).toBe('us-west-2');
    // An administrator may be of any region, and there are two.
    expect(local.clientConfig({ as: 'arn:aws:iam::333333333333:root' }).region).toBe(local.region);
  });

  test('takes the name of a role, where one role has it', async () => {
    const own = { AWS: A.account };
    await deploy({
      One: { ...A, template: { Resources: { R: role('One', own), S: role('Same', own) } } },
      Two: { ...B, template: { Resources: { R: role('Two', { AWS: B.account }), S: role('Same', own) } } },
    });
    expect(local.clientConfig({ as: 'Two' }).region).toBe(B.region);
    const same = `\n  ${arn('Same')}\n  ${arn('Same', B.account)}`;
    expect(() => local.environment({ as: 'Same' })).toThrow(
      `several roles are called 'Same'; say which by its ARN:${same}`,
    );
    const whose = (account: string) => {
      const resource = `arn:aws:lambda:eu-west-1:${account}:function:f`;
      return local.whoMay({ action: 'lambda:InvokeFunction', resource, as: 'Same' })[0]?.as;
    };
    expect([A.account, B.account].map(whose)).toEqual([arn('Same'), arn('Same', B.account)]);
  });

  test('gives a signer for function URLs', async () => {
    await deploy({ One: { ...A, template: { Resources: { R: role('One', { AWS: A.account }) } } } });
    const { credentials, ...rest } = local.sign({ as: arn('One') });
    expect(rest).toEqual({ region: A.region, service: 'lambda' });
    expect(credentials.accessKeyId).toMatch(/^ASIA/);
  });

  test('lists the known roles when there is no such one', async () => {
    await deploy({ One: { ...A, template: { Resources: { R: role('One', { AWS: A.account }) } } } });
    expect(() => local.clientConfig({ as: arn('Onne') })).toThrow(
      `no deployed stack defines the role ${arn('Onne')}; known roles are:\n  ${arn('One')}`,
    );
  });

  test('says what a principal looks like when it is none', () => {
    expect(() => local.clientConfig({ as: 'the caller' })).toThrow(
      "'the caller' is not a principal; expected a role such as arn:",
    );
    expect(() => local.clientConfig({ as: 'Caller' })).toThrow(
      'no deployed stack defines the role Caller; known roles are: none',
    );
    expect(() => local.clientConfig({ as: 'arn:aws:iam::111111111111:root', sessionName: 'a b' })).toThrow(
      'sessionName must be 2 to 64 of the characters',
    );
  });

  describe('asks the trust policy of a role', () => {
    const as = arn('R');
    const trusting = (Principal: unknown, more?: object) =>
      deploy({
        S: {
          ...A,
          template: { Resources: { Logical: role('R', Principal, more), Other: role('Other', { AWS: A.account }) } },
        },
      });

    test.each([
      ['a service', { Service: 'lambda.amazonaws.com' }],
      ['an account', { AWS: B.account }],
      ['a role', { AWS: { 'Fn::GetAtt': ['Other', 'Arn'] } }],
      ['one of several', { Service: 'ec2.amazonaws.com', AWS: ['arn:aws:iam::444444444444:role/Away', B.account] }],
    ])('and lets in %s that it names', async (_name, principal) => {
      await trusting(principal);
      expect(() => local.clientConfig({ as })).not.toThrow();
    });

    test('and finds nobody where it names nobody who is here', async () => {
      await trusting({ AWS: 'arn:aws:iam::444444444444:role/Away' });
      expect(() => local.clientConfig({ as })).toThrow(`nobody can assume ${as}: its trust policy lets nobody in here`);
    });

    test('for the one who assumes it', async () => {
      await trusting({ AWS: B.account });
      expect(() => local.clientConfig({ as, by: `arn:aws:iam::${B.account}:root` })).not.toThrow();
      expect(() => local.clientConfig({ as, by: `arn:aws:iam::${A.account}:root` })).toThrow(
        `User: arn:aws:iam::${A.account}:root is not authorized to perform: sts:AssumeRole on resource: ${as} ` +
          'because no role trust policy allows the sts:AssumeRole action',
      );
    });

    test('and the policies of the role that assumes it, where the trust names its account only', async () => {
      await trusting({ AWS: A.account });
      expect(() => local.clientConfig({ as, by: arn('Other') })).toThrow(
        'because no identity-based policy allows the sts:AssumeRole action',
      );
    });

    test('which is explained, also by the logical id of the role', async () => {
      await trusting({ AWS: A.account });
      let refusal: unknown;
      try {
        local.clientConfig({ as: 'Logical', by: 'Other' });
      } catch (error) {
        refusal = error;
      }
      expect(local.explain(refusal).missing).toEqual([expect.objectContaining({ kind: 'identity-based' })]);
    });

    test('for the external id', async () => {
      await trusting({ AWS: B.account }, { Condition: { StringEquals: { 'sts:ExternalId': 'secret' } } });
      expect(() => local.clientConfig({ as, externalId: 'secret' })).not.toThrow();
      expect(() => local.clientConfig({ as })).toThrow(`nobody can assume ${as}: its trust policy lets nobody in here`);
    });
  });
});

describe('outputs', () => {
  const withOutput = (env: Partial<StackSource>): StackSource => ({
    ...env,
    template: { Outputs: { Where: { Value: { 'Fn::Sub': '$' + '{AWS::Region}' } } } },
  });

  test('are those of a stack, and can be written like the outputs file of cdk deploy', async () => {
    await deploy({ One: withOutput(A), Two: withOutput(B) });
    expect(local.outputs('One')).toEqual({ Where: 'eu-west-1' });
    const file = join(temporaryFolder(), 'outputs.json');
    local.writeOutputsFile(file);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      One: { Where: 'eu-west-1' },
      Two: { Where: 'eu-central-1' },
    });
  });

  test('of stacks of one name are told apart by account and region', async () => {
    await deploy({ Same: withOutput(A) });
    await deploy({ Same: withOutput(B) });
    const keys = [`${A.account}/${A.region}/Same`, `${B.account}/${B.region}/Same`] as const;
    expect(() => local.outputs('Same')).toThrow(`several stacks are called 'Same'; name one of '${keys.join("', '")}'`);
    expect(local.outputs(keys[1])).toEqual({ Where: B.region });
    const file = join(temporaryFolder(), 'outputs.json');
    local.writeOutputsFile(file);
    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object)).toEqual(keys);
  });

  test('name the deployed stacks when there is no such one', async () => {
    await deploy({ One: withOutput(A) });
    expect(() => local.outputs('Uno')).toThrow("no stack 'Uno' is deployed; deployed are: 'One'");
    expect(() => local.outputs('Oen')).toThrow("no stack 'Oen' is deployed; did you mean 'One'? deployed are: 'One'");
  });

  test('know the path of a stack in a stage by its name', async () => {
    await deploy({ 'Dev-Chat': withOutput(A) });
    expect(() => local.outputs('Dev/Chat')).toThrow("no stack 'Dev/Chat' is deployed; did you mean 'Dev-Chat'?");
  });
});

describe('a function', () => {
  test('calls other functions as its own role, and gets no further than its role', async () => {
    const sdk = JSON.stringify(require.resolve('@aws-sdk/client-lambda'));
    const caller = `const { LambdaClient, InvokeCommand } = require(${sdk});
      exports.handler = async (name) => {
        const client = new LambdaClient({ maxAttempts: 1 });
        try {
          const { Payload } = await client.send(new InvokeCommand({ FunctionName: name, Payload: '{}' }));
          return Buffer.from(Payload).toString();
        } catch (error) {
          return error.message;
        }
      };`;
    const called = functionResources({
      FunctionName: 'called',
      Code: { ZipFile: 'exports.handler = async () => "ok";' },
    });
    const calling = functionResources({ FunctionName: 'calling', Timeout: 30, Code: { ZipFile: caller } });
    const allow = { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: { 'Fn::GetAtt': ['Fn', 'Arn'] } };
    const Role = {
      ...calling.Role,
      Properties: {
        ...calling.Role.Properties,
        RoleName: 'Calling',
        Policies: [{ PolicyName: 'Call', PolicyDocument: { Statement: [allow] } }],
      },
    };
    const CallingFn = {
      ...calling.Fn,
      Properties: { ...calling.Fn.Properties, Role: { 'Fn::GetAtt': ['CallingRole', 'Arn'] } },
    };
    await deploy({ S: { ...A, template: { Resources: { ...called, CallingRole: Role, CallingFn } } } });

    const client = new LambdaClient(local.clientConfig({ as: `arn:aws:iam::${A.account}:root` }));
    const answer = async (name: string) => {
      const { Payload } = await client.send(
        new InvokeCommand({ FunctionName: 'calling', Payload: JSON.stringify(name) }),
      );
      return JSON.parse(Buffer.from(Payload ?? []).toString()) as string;
    };
    expect(await answer('called')).toBe('"ok"');
    expect(await answer('calling')).toMatch(
      /^User: arn:aws:sts::111111111111:assumed-role\/Calling\/calling is not authorized to perform: lambda:InvokeFunction/,
    );
    client.destroy();
  });
});

test('code that was replaced goes, with what ran it, once nothing runs it and a whole deployment has passed', async () => {
  const source = (generation: number) => `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
    stream.write(JSON.stringify({ generation: ${generation}, pid: process.pid, root: process.env.LAMBDA_TASK_ROOT }));
    if (event.waits) await new Promise((resolve) => {
      const timer = setInterval(() => { if (require('node:fs').existsSync(event.waits)) resolve(clearInterval(timer)); }, 5);
    });
    stream.end(require('node:fs').existsSync(__filename) ? 'here' : 'gone');
  });`;
  const deployGeneration = (generation: number) => {
    const resources = functionResources({
      FunctionName: 'f',
      Timeout: 30,
      Code: { ZipFile: source(generation) },
    });
    return deploy({ S: { ...A, template: { Resources: resources } } });
  };
  const client = new LambdaClient(local.clientConfig({ as: `arn:aws:iam::${A.account}:root`, region: A.region }));
  const invoke = async (event: object = {}) => {
    const Payload = Buffer.from(JSON.stringify(event));
    const { EventStream } = await client.send(
      new InvokeWithResponseStreamCommand({ FunctionName: 'f', Payload, LogType: 'Tail' }),
    );
    const parts = EventStream?.[Symbol.asyncIterator]();
    const first = Buffer.from((await parts?.next())?.value?.PayloadChunk?.Payload ?? []).toString();
    const told = JSON.parse(first.slice(0, first.indexOf('}') + 1)) as {
      generation: number;
      pid: number;
      root: string;
    };
    const rest = async () => {
      let text = first.slice(first.indexOf('}') + 1);
      for (let part = await parts?.next(); !part?.done; part = await parts?.next())
        text += Buffer.from(part?.value.PayloadChunk?.Payload ?? []).toString();
      return text;
    };
    return { ...told, rest };
  };
  const waits = join(temporaryFolder(), 'signal');

  await deployGeneration(0);
  const busy = await invoke({ waits });
  const seen = [];
  for (let generation = 1; generation <= 5; generation++) {
    await deployGeneration(generation);
    const { rest, ...told } = await invoke();
    expect([told.generation, await rest()]).toEqual([generation, 'here']);
    seen.push(told);
  }
  // The code before the last is kept for an invocation that is about to begin, that of the first one while it runs.
  const [first, second, , last, current] = seen.map(({ root }) => existsSync(root));
  expect({ first, second, last, current }).toEqual({ first: false, second: false, last: true, current: true });
  await Promise.all(seen.slice(0, -1).map(({ pid }) => processGone(pid)));
  writeFileSync(waits, '');
  expect(await busy.rest()).toBe('here');
  await local.destroy();
  // An environment has ended a moment after its process; whatever is deployed then removes the code.
  while ([busy, ...seen].some(({ root }) => existsSync(root))) {
    await deployGeneration(6);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  client.destroy();
});

describe('stopping', () => {
  test('frees the port, may be repeated, and is told to whoever comes later', async () => {
    const port = Number(new URL(local.endpoint).port);
    expect(await answers(port)).toBe(true);
    await Promise.all([local.stop(), local.stop()]);
    expect(await answers(port)).toBe(false);
    await expect(local.deploy('cdk.out')).rejects.toThrow('the local target has been stopped');
    expect(() => local.clientConfig({ as: arn('x') })).toThrow('the local target has been stopped');
  });

  test('leaves no listener on the process', async () => {
    const listeners = () => ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP'].map((event) => process.listenerCount(event));
    const during = listeners();
    await local.stop();
    expect(listeners()).toEqual(during.map((count) => count - 1));
  });
});

test('refuses an account that is none', async () => {
  await expect(startLocal({ account: '12' })).rejects.toThrow("account must be twelve digits, got '12'");
});

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
