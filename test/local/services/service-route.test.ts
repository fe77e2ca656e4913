import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/nested-clients/sts';
import { type LocalTarget, type LogRecord, type StartLocalOptions, startLocal } from 'cdk-lambda-streaming/local';
import { functionResources, removeFolders, TRUST, writeAssembly } from '../engine/write-assembly';
import { signedHeaders } from '../http/sign-request';

const ROOT = 'arn:aws:iam::111111111111:root';
let local: LocalTarget | undefined;
let logs: LogRecord[] = [];

afterEach(async () => {
  await local?.stop();
  local = undefined;
  removeFolders();
});

async function start(options: StartLocalOptions = {}): Promise<LocalTarget> {
  logs = [];
  local = await startLocal({ onLog: (record) => logs.push(record), ...options });
  return local;
}

/** Sends a request that is signed by a principal, for a service. */
async function send(
  target: LocalTarget,
  service: string,
  headers: Record<string, string>,
  body = '{}',
  path = '/',
  as = ROOT,
) {
  const { credentials, region } = target.clientConfig({ as });
  const url = `${target.endpoint}${path}`;
  const signed = await signedHeaders(url, region, credentials, { method: 'POST', body, headers, service });
  const answer = await fetch(url, { method: 'POST', headers: signed, body });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

/** What a function with this source answers. */
async function invoke(target: LocalTarget, source: string, statement?: object): Promise<unknown> {
  const policy = statement && {
    Policy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: 'p',
        PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] },
        Roles: [{ Ref: 'Role' }],
      },
    },
  };
  const Code = { ZipFile: source };
  await target.deploy(
    writeAssembly({
      S: {
        template: {
          Resources: {
            ...functionResources({ FunctionName: 'asker', Timeout: 20, Code }),
            ...policy,
            Parameter: {
              Type: 'AWS::SSM::Parameter',
              Properties: { Name: '/app/name', Type: 'String', Value: 'deployed' },
            },
            Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'secret', SecretString: 's3cret' } },
            Ann: { Type: 'AWS::IAM::User', Properties: { UserName: 'ann' } },
            Other: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'other', AssumeRolePolicyDocument: TRUST } },
          },
        },
      },
    }),
  );
  const client = new LambdaClient(target.clientConfig({ as: ROOT }));
  const { Payload } = await client.send(new InvokeCommand({ FunctionName: 'asker' }));
  return JSON.parse(Buffer.from(Payload ?? []).toString());
}

test('whoever asks for credentials does not sign: the service is known by the target of the request', async () => {
  const asked: string[] = [];
  const handler = async (request: Request) => {
    asked.push(request.headers.get('x-amz-target') ?? '');
    return Response.json({ IdentityId: 'eu-west-1:ann' });
  };
  const target = await start({ services: { 'cognito-identity': handler } });
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSCognitoIdentityService.GetId' };
  const answer = await fetch(target.endpoint, { method: 'POST', headers, body: '{}' });
  expect(await answer.json()).toEqual({ IdentityId: 'eu-west-1:ann' });
  expect(asked).toEqual(['AWSCognitoIdentityService.GetId']);
});

describe('a service that nobody answers for refuses in its own protocol', () => {
  const OPTION = 'startLocal({ services: { ';
  test.each<[string, string, Record<string, string>, string, RegExp]>([
    [
      'json',
      'dynamodb',
      { 'x-amz-target': 'DynamoDB_20120810.PutItem', 'content-type': 'application/x-amz-json-1.0' },
      '{}',
      /^\{"__type":"LocalServiceUnavailable","message":".*dynamodb.*PutItem/,
    ],
    [
      'query',
      'sqs',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'Action=SendMessage',
      /<ErrorResponse><Error><Type>Sender<\/Type><Code>LocalServiceUnavailable<\/Code><Message>.*sqs.*SendMessage/,
    ],
    [
      'ec2',
      'ec2',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'Action=DescribeInstances',
      /<Response><Errors><Error><Code>LocalServiceUnavailable<\/Code><Message>.* DescribeInstances of ec2 /,
    ],
    ['rest-xml', 'route53', {}, '', /<Error><Code>LocalServiceUnavailable<\/Code><Message>.*route53.*POST \//],
    ['rest-json', 'bedrock', {}, '{}', /^\{"__type":"LocalServiceUnavailable"/],
  ])('%s', async (_, service, headers, body, expected) => {
    const { status, text } = await send(await start(), service, headers, body);
    expect(status).toBe(400);
    expect(text).toMatch(expected);
    expect(text).toContain(OPTION);
  });

  test('cbor', async () => {
    const headers = { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' };
    const path = '/service/GraniteServiceVersion20100801/operation/PutMetricData';
    const { headers: answered, status, text } = await send(await start(), 'monitoring', headers, '', path);
    expect([status, answered.get('smithy-protocol')]).toEqual([400, 'rpc-v2-cbor']);
    expect(text).toContain('does not play cloudwatch, which was asked for PutMetricData');
  });

  test('and tells it in the log of the function that asked', async () => {
    const source = `exports.handler = async () => {
      const { AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: key } = process.env;
      const authorization = 'AWS4-HMAC-SHA256 Credential=' + key + '/20260101/us-east-1/dynamodb/aws4_request';
      const answer = await fetch(url, { method: 'POST', headers: { authorization, 'x-amz-target': 'DynamoDB_20120810.GetItem' }, body: '{}' });
      return [answer.status, (await answer.json()).message];
    };`;
    const [status, message] = (await invoke(await start(), source)) as [number, string];
    expect(status).toBe(400);
    expect(message).toMatch(
      /^the local target does not play dynamodb, which was asked for GetItem for arn:aws:sts::111111111111:assumed-role\/[^/]+\/asker; /,
    );
    expect(logs.filter(({ message: logged }) => logged === message)).toMatchObject([
      { logGroupName: '/aws/lambda/asker' },
    ]);
  });
});

describe('a service of the test', () => {
  const ask = (options = '') => `exports.handler = async () => {
    const answer = await fetch(process.env.AWS_ENDPOINT_URL_POLLY + '/v1/speech?x=1', { method: 'POST', body: 'question'${options} });
    return [answer.status, answer.headers.get('x-own'), await answer.text()];
  };`;

  test('is a function from request to response, streams included', async () => {
    const seen: unknown[] = [];
    const target = await start({
      services: {
        polly: async (request) => {
          seen.push([
            request.method,
            new URL(request.url).pathname + new URL(request.url).search,
            await request.text(),
          ]);
          const body = new ReadableStream({
            start: (controller) => {
              for (const part of ['a', 'b']) controller.enqueue(new TextEncoder().encode(part));
              controller.close();
            },
          });
          return new Response(body, { status: 201, headers: { 'x-own': 'yes' } });
        },
      },
    });
    expect(await invoke(target, ask())).toEqual([201, 'yes', 'ab']);
    expect(seen).toEqual([['POST', '/v1/speech?x=1', 'question']]);
  });

  test('that fails is an error of the service, told in the log of the function, and not a hang', async () => {
    const fails = () => new Error('out of cheese');
    const cut = () =>
      new ReadableStream({ start: (c) => c.enqueue(new TextEncoder().encode('a')), pull: (c) => c.error(fails()) });
    const target = await start({
      services: {
        sync: () => {
          throw fails();
        },
        late: () => Promise.reject(fails()),
        odd: () => 'no response' as unknown as Response,
        cut: () => new Response(cut()),
        used: async () => {
          const response = new Response('once');
          await response.text();
          return response;
        },
        held: () => {
          const response = new Response('once');
          response.body?.getReader();
          return response;
        },
      },
    });
    const source = `exports.handler = () => Promise.all(['sync', 'late', 'odd', 'cut', 'used', 'held'].map(async (name) => {
      const authorization = 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20260101/us-east-1/x/aws4_request';
      const asked = fetch(process.env.AWS_ENDPOINT_URL + '/_services/' + name + '/', { headers: { authorization } });
      return asked.then(async (response) => response.status + ' ' + (await response.text())).catch(() => 'cut off');
    }))`;
    const answers = (await invoke(target, source)) as string[];
    expect(answers).toEqual([
      expect.stringMatching(/^500 .*the handler of 'sync' failed: out of cheese/),
      expect.stringMatching(/^500 .*the handler of 'late' failed: out of cheese/),
      expect.stringMatching(/^500 .*the handler of 'odd' failed: /),
      'cut off',
      expect.stringMatching(/^500 .*the handler of 'used' failed: it returned a Response whose body somebody has read/),
      expect.stringMatching(/^500 .*the handler of 'held' failed: it returned a Response whose body somebody has read/),
    ]);
    const told = logs.map(({ message }) => message).filter((message) => message.startsWith('the handler of'));
    expect(told.sort()).toEqual([
      expect.stringContaining("'cut' failed after it had begun to answer: out of cheese"),
      expect.stringContaining("'held' failed: it returned a Response"),
      expect.stringContaining(
        "'late' failed: out of cheese; it is what startLocal({ services: { 'late': … } }) was given",
      ),
      expect.stringContaining("'odd' failed: "),
      expect.stringContaining("'sync' failed: "),
      expect.stringContaining("'used' failed: it returned a Response"),
    ]);
  });

  test('is asked by those only who may send to a queue, a topic or a table', async () => {
    const seen: string[] = [];
    const take = async (request: Request) => {
      seen.push(await request.text());
      return new Response('{}', { headers: { 'content-type': 'application/x-amz-json-1.0' } });
    };
    const target = await start({ services: { sqs: take, sns: take, dynamodb: take } });
    const as = (name: string) => `arn:aws:iam::111111111111:role/${name}`;
    const QueueUrl = 'https://sqs.eu-west-1.amazonaws.com/111111111111/q';
    const calls = {
      sqs: ['application/x-amz-json-1.0', 'AmazonSQS.SendMessageBatch', JSON.stringify({ QueueUrl })],
      sns: ['application/x-www-form-urlencoded', '', 'Action=Publish&TopicArn=arn:aws:sns:eu-west-1:111111111111:t'],
      dynamodb: ['application/x-amz-json-1.0', 'DynamoDB_20120810.PutItem', '{"TableName":"t"}'],
    };
    const call = async (who: string | undefined, service: keyof typeof calls, agent = '') => {
      const [type = '', operation = '', body = ''] = calls[service];
      const given = {
        'content-type': type,
        ...(operation !== '' && { 'x-amz-target': operation }),
        'user-agent': agent,
      };
      const url = `${target.endpoint}/_services/${service}/`;
      const { credentials } = target.clientConfig({ as: as(who ?? 'Sender'), region: 'eu-west-1' });
      const headers = await signedHeaders(url, 'eu-west-1', credentials, {
        method: 'POST',
        body,
        headers: given,
        service,
      });
      const response = await fetch(url, { method: 'POST', body, headers: who === undefined ? given : headers });
      return `${service} ${response.status} ${await response.text()}`;
    };
    const role = (RoleName: string, Action: readonly string[]) => ({
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName,
        AssumeRolePolicyDocument: {
          Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '111111111111' } },
        },
        Policies: [{ PolicyName: 'P', PolicyDocument: { Statement: { Effect: 'Allow', Action, Resource: '*' } } }],
      },
    });
    const Resources = {
      Sender: role('Sender', ['sqs:SendMessage', 'sns:Publish', 'dynamodb:PutItem']),
      Reader: role('Reader', ['sqs:ReceiveMessage']),
    };
    await target.deploy(
      writeAssembly({ Roles: { account: '111111111111', region: 'eu-west-1', template: { Resources } } }),
    );
    for (const service of ['sqs', 'sns', 'dynamodb'] as const) {
      expect(await call('Sender', service)).toBe(`${service} 200 {}`);
      expect(await call('Reader', service)).toMatch(
        / 40[03] .*Reader.* is not authorized to perform: \w+:\w+ on resource: arn/,
      );
      expect(await call('Reader', service, 'api/bedrock-runtime#3.1')).toMatch(/ 40[03] .*is not authorized/);
      expect(await call(undefined, service)).toMatch(/ 403 .*MissingAuthenticationToken/);
    }
    expect(seen.length).toBe(3);
  });

  test('is an endpoint', async () => {
    const target = await start({ services: { polly: 'http://127.0.0.1:8000' } });
    expect(await invoke(target, 'exports.handler = async () => process.env.AWS_ENDPOINT_URL_POLLY;')).toBe(
      'http://127.0.0.1:8000',
    );
  });

  test('is asked in one way only, where two readings of a call could differ', async () => {
    const asked: string[] = [];
    const target = await start({
      services: {
        sqs: (request) => {
          asked.push(request.url);
          return Response.json({});
        },
      },
    });
    const json = { 'x-amz-target': 'AmazonSQS.ListQueues', 'content-type': 'application/x-amz-json-1.0' };
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await send(target, 'sqs', json)).toMatchObject({ status: 200 });
    expect(await send(target, 'sqs', form, 'Action=ListQueues')).toMatchObject({ status: 200 });
    for (const [headers, body, path] of [
      [json, '{}', '/?Action=DeleteQueue'],
      [{ ...json, ...form }, '{}', '/'],
      [form, 'Action=ListQueues&Action=DeleteQueue', '/'],
    ] as const) {
      expect(await send(target, 'sqs', headers, body, path)).toMatchObject({
        status: 400,
        text: expect.stringContaining('a call to sqs is a POST without a query string'),
      });
    }
    expect(asked).toHaveLength(2);
  });

  test('at an address that changes the protocol is told, and is left when the caller leaves', async () => {
    const left = new EventEmitter();
    const caller = new AbortController();
    const engine = createServer((request, response) => {
      if (request.headers['x-amz-target'] === 'X.Silent') {
        response.once('close', () => left.emit('left'));
        caller.abort();
      } else response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n');
    }).listen(0, '127.0.0.1');
    await once(engine, 'listening');
    const { port } = engine.address() as AddressInfo;
    const target = await start({ services: { dynamodb: `http://127.0.0.1:${port}` } });
    const named = (operation: string) => ({
      'x-amz-target': `X.${operation}`,
      'content-type': 'application/x-amz-json-1.0',
    });
    expect(await send(target, 'dynamodb', named('ListTables'))).toMatchObject({
      status: 400,
      text: expect.stringContaining("nobody answers for 'dynamodb'"),
    });
    const { credentials, region } = target.clientConfig({ as: ROOT });
    const headers = await signedHeaders(target.endpoint, region, credentials, {
      method: 'POST',
      body: '{}',
      headers: named('Silent'),
      service: 'dynamodb',
    });
    const gone = once(left, 'left');
    const { signal } = caller;
    await expect(fetch(target.endpoint, { method: 'POST', headers, body: '{}', signal })).rejects.toThrow();
    await gone;
    engine.close();
  });

  test('is not sent what its header alone refuses, however long it is', async () => {
    const target = await start({ services: { dynamodb: () => Response.json({}), polly: () => Response.json({}) } });
    const { credentials, region } = target.clientConfig({ as: ROOT });
    const named = { 'x-amz-target': 'DynamoDB_20120810.ListTables', 'content-type': 'application/x-amz-json-1.0' };
    const body = '{}';
    const sign = (keys: typeof credentials) =>
      signedHeaders(target.endpoint, region, keys, { method: 'POST', body, headers: named, service: 'dynamodb' });
    const stranger = { ...credentials, accessKeyId: 'AKIDSTRANGER' };
    const length = { 'content-length': '60000000' };
    const cases = [
      [403, 'MissingAuthenticationToken', '/_services/dynamodb/', { ...named, ...length }],
      [403, 'UnrecognizedClient', '/', { ...(await sign(stranger)), ...length }],
      [413, 'RequestEntityTooLarge', '/_services/polly/', { 'content-length': '70000000' }],
    ] as const;
    for (const [status, type, path, headers] of cases) {
      const sending = request(`${target.endpoint}${path}`, { method: 'POST', headers });
      sending.on('error', () => undefined); // it is broken off below
      // The body never comes.
      sending.flushHeaders();
      const [answer] = (await once(sending, 'response')) as [IncomingMessage];
      let text = '';
      for await (const part of answer) text += String(part);
      expect([answer.statusCode, text]).toEqual([status, expect.stringContaining(type)]);
      sending.destroy();
    }
  });

  test('that never answers is told when its caller leaves, and is not waited for beyond a minute', async () => {
    const asked = new EventEmitter();
    const told = new EventEmitter();
    const never = once(asked, '/v1/speech');
    const signals: AbortSignal[] = [];
    const target = await start({
      services: {
        polly: async ({ signal, url }) => {
          const { pathname } = new URL(url);
          asked.emit(pathname);
          if (pathname === '/after') return never.then(() => new Response());
          signals.push(signal);
          return new Promise(() => undefined);
        },
      },
      onLog: ({ message }) => {
        if (message.startsWith('the handler of')) told.emit('told', message);
      },
    });
    const log = once(told, 'told');
    const ask = `exports.handler = async () => {
      const { AWS_ACCESS_KEY_ID: key, AWS_ENDPOINT_URL_POLLY: url } = process.env;
      const authorization = 'AWS4-HMAC-SHA256 Credential=' + key + '/20260101/us-east-1/polly/aws4_request';
      fetch(url + '/v1/speech', { headers: { authorization } });
      await fetch(url + '/after', { headers: { authorization } });
      process.exit(1);
    };`;
    expect(await invoke(target, ask)).toMatchObject({ errorType: 'Runtime.ExitError' });
    expect(String(await log)).toMatch(
      /^the handler of 'polly', asked for GET \/v1\/speech for arn:aws:sts::111111111111:assumed-role\/\S+\/asker, failed: it had not begun to answer when the caller left, after [\d.]+ seconds; it is what startLocal/,
    );
    expect(signals[0]?.aborted).toBe(true);

    jest.useFakeTimers({
      doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'setInterval', 'Date', 'performance'],
    });
    try {
      const again = once(asked, '/v1/speech');
      const answer = send(target, 'polly', {}, 'x', '/_services/polly/v1/speech');
      await again;
      jest.advanceTimersByTime(60_000);
      expect(await answer).toMatchObject({
        status: 400,
        text: expect.stringContaining(
          `the handler of 'polly', asked for POST /v1/speech for ${ROOT}, failed: it has not begun to answer within 60 seconds`,
        ),
      });
    } finally {
      jest.useRealTimers();
    }
  });

  test('is reached over HTTP/2 as well', async () => {
    const target = await start({
      services: { polly: async (request) => new Response(`got ${await request.text()}`) },
    });
    const url = String(await invoke(target, 'exports.handler = async () => process.env.AWS_ENDPOINT_URL;'));
    const session = connect(url);
    const stream = session.request({ ':method': 'POST', ':path': '/_services/polly/v1/speech' });
    stream.end('a question');
    const headers = await new Promise<IncomingHttpHeaders>((resolve) => stream.once('response', resolve));
    let text = '';
    for await (const part of stream) text += String(part);
    session.close();
    expect([headers[':status'], text]).toEqual([200, 'got a question']);
  });
});

describe('what the deployed stacks tell', () => {
  /** A handler that calls an operation of a JSON service, signed as the SDKs do. */
  const call = (service: string, target: string, input: object) => `
const { createHash, createHmac } = require('crypto');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
exports.handler = async () => {
  const env = process.env, body = ${JSON.stringify(JSON.stringify(input))}, url = new URL(env.AWS_ENDPOINT_URL);
  const time = new Date().toISOString().replace(/[-:]|\\.\\d+/g, ''), day = time.slice(0, 8), scope = [day, env.AWS_REGION, '${service}', 'aws4_request'];
  const headers = { host: url.host, 'x-amz-date': time, 'x-amz-security-token': env.AWS_SESSION_TOKEN, 'x-amz-target': '${target}' };
  const names = Object.keys(headers).sort();
  const canonical = ['POST', '/', '', ...names.map((name) => name + ':' + headers[name]), '', names.join(';'), createHash('sha256').update(body).digest('hex')].join('\\n');
  const toSign = ['AWS4-HMAC-SHA256', time, scope.join('/'), createHash('sha256').update(canonical).digest('hex')].join('\\n');
  const signature = hmac(scope.reduce(hmac, 'AWS4' + env.AWS_SECRET_ACCESS_KEY), toSign).toString('hex');
  const authorization = 'AWS4-HMAC-SHA256 Credential=' + env.AWS_ACCESS_KEY_ID + '/' + scope.join('/') + ', SignedHeaders=' + names.join(';') + ', Signature=' + signature;
  const answer = await fetch(url, { method: 'POST', headers: { ...headers, authorization }, body });
  return await answer.json();
};`;

  test('is read by a function whose role may', async () => {
    const get = call('ssm', 'AmazonSSM.GetParameter', { Name: '/app/name' });
    const allowed = { Action: 'ssm:GetParameter', Resource: 'arn:aws:ssm:*:*:parameter/app/*' };
    expect(await invoke(await start(), get, allowed)).toMatchObject({
      Parameter: { Name: '/app/name', Value: 'deployed' },
    });
  });

  test('is refused to a function whose role may not', async () => {
    const get = call('ssm', 'AmazonSSM.GetParameter', { Name: '/app/name' });
    expect(await invoke(await start(), get)).toMatchObject({
      __type: 'AccessDeniedException',
      message: expect.stringContaining(
        'is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:us-east-1:111111111111:parameter/app/name',
      ),
    });
  });

  test('includes secrets, and parameters that the test gives', async () => {
    const target = await start({ ssmParameters: { '/given/one': '1', '/given/deep/two': '2' } });
    const secret = call('secretsmanager', 'secretsmanager.GetSecretValue', { SecretId: 'secret' });
    const all = { Action: ['ssm:*', 'secretsmanager:*'], Resource: '*' };
    expect(await invoke(target, secret, all)).toMatchObject({ Name: 'secret', SecretString: 's3cret' });
    const several = call('ssm', 'AmazonSSM.GetParameters', { Names: ['/given/one', '/nowhere'] });
    expect(await invoke(target, several, all)).toMatchObject({
      Parameters: [{ Value: '1' }],
      InvalidParameters: ['/nowhere'],
    });
    const byPath = call('ssm', 'AmazonSSM.GetParametersByPath', { Path: '/given' });
    expect(await invoke(target, byPath, all)).toMatchObject({ Parameters: [{ Name: '/given/one' }] });
    const put = { Name: '/app/name', Value: 'written' };
    const taken = call('ssm', 'AmazonSSM.PutParameter', put);
    expect(await invoke(target, taken, all)).toMatchObject({ __type: 'ParameterAlreadyExists' });
    const written = call('ssm', 'AmazonSSM.PutParameter', { ...put, Overwrite: true });
    expect(await invoke(target, written, all)).toMatchObject({ Version: 1 });
    const missing = call('ssm', 'AmazonSSM.GetParameter', { Name: '/nowhere' });
    expect(await invoke(target, missing, all)).toMatchObject({ __type: 'ParameterNotFound' });
  });

  test('includes who one is, and whom one may become', async () => {
    const target = await start();
    await invoke(target, 'exports.handler = async () => 1;');
    const client = new STSClient(target.clientConfig({ as: ROOT }));
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const identify = (as: string) =>
      send(target, 'sts', form, 'Action=GetCallerIdentity&Version=2011-06-15', '/', as).then(({ text }) => text);
    const said = '<GetCallerIdentityResponse><GetCallerIdentityResult>';
    const RoleArn = 'arn:aws:iam::111111111111:role/other';
    expect(await identify(ROOT)).toMatch(
      new RegExp(`${said}<Arn>${ROOT}</Arn><UserId>111111111111</UserId><Account>111111111111</Account>`),
    );
    expect(await identify(ROOT.replace('root', 'user/ann'))).toMatch(
      new RegExp(`${said}<Arn>arn:aws:iam::111111111111:user/ann</Arn><UserId>AIDA\\w+</UserId>`),
    );
    expect(await identify(RoleArn)).toMatch(
      new RegExp(`${said}<Arn>[^<]*:assumed-role/other/(.+)</Arn><UserId>AROA\\w+:\\1</UserId>`),
    );
    await expect(client.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'me' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    client.destroy();
  });
});
