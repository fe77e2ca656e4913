/** The console over plain HTTP: who gets in, and what it tells and does. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { InvokeCommand, InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { addEvent, type Call, callerOf } from '../../../console/calls';
import { resultOf } from '../../../console/state';
import type { ConsoleAnswer } from '../../../src/local/console/console-invoke';
import type { ConsoleOverview } from '../../../src/local/console/console-overview';
import type { JournalEvent } from '../../../src/local/journal/journal-event';
import { functionResources, removeFolders, writeAssembly } from '../engine/write-assembly';
import { frontEndResources, providerResources, signedResources } from './front-end-resources';

const ENV = { account: '111111111111', region: 'eu-west-1' };
const ROOT = `arn:aws:iam::${ENV.account}:root`;
const CALLER = `arn:aws:iam::${ENV.account}:role/Caller`;
const FUNCTION = `arn:aws:lambda:${ENV.region}:${ENV.account}:function:chat`;

/** Two pieces, a line in the log; or a failure between them. */
const CODE = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  stream.setContentType('text/plain');
  console.log('asked for ' + event.word);
  stream.write(event.word + ' ');
  await new Promise((resolve) => setTimeout(resolve, 20));
  if (event.fails) throw new TypeError('no more words');
  stream.end('\\u00e4nd');
});`;

const resources = {
  ...functionResources({ FunctionName: 'chat', Code: { ZipFile: CODE } }),
  Caller: {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: 'Caller',
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: 'Allow', Principal: { AWS: ROOT }, Action: 'sts:AssumeRole' }],
      },
    },
  },
  ...frontEndResources,
  ...signedResources,
  ...providerResources,
};

let local: LocalTarget;
let port: number;
let token: string;
let page: Page;

beforeAll(async () => {
  local = await startLocal({ console: true });
  await local.deploy(writeAssembly({ One: { ...ENV, template: { Resources: resources } } }));
  const url = new URL(local.consoleUrl ?? '');
  port = Number(url.port);
  token = url.searchParams.get('token') ?? '';
  page = await openPage();
});

afterAll(async () => {
  await local.stop();
  removeFolders();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** `fetch` would not let `Host` be another. */
function ask(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET', body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
        // Events have no end.
        if (response.headers['content-type'] === 'text/event-stream') response.destroy();
      });
      response.on('close', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const bearer = (secret = token) => ({ authorization: `Bearer ${secret}` });

type Told = JournalEvent | ({ readonly type: 'overview' } & ConsoleOverview);

interface Page {
  readonly events: Told[];
  /** Resolves with the events of the call with this tag, once it is over. */
  call(tag: string): Promise<readonly JournalEvent[]>;
  /** Resolves once the call with this request id is over. */
  ended(id: string): Promise<unknown>;
  /** Resolves once so many faults wait. */
  waiting(faults: number): Promise<unknown>;
}

/** What the page does: reads events. */
async function openPage(): Promise<Page> {
  const { body } = await fetch(`http://127.0.0.1:${port}/_console/api/events`, { headers: bearer() });
  const events: Told[] = [];
  const listeners = new Set<() => void>();
  const read = async () => {
    let rest = '';
    for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) events.push(JSON.parse(block.slice(6)) as Told);
      for (const listener of listeners) listener();
    }
  };
  read().catch(() => undefined); // the target stops
  const of = (tag: string) => {
    const begun = events.find((event) => event.type === 'accepted' && event.tag === tag);
    const found = events.filter((event): event is JournalEvent => {
      return event.type !== 'overview' && begun?.type === 'accepted' && event.call === begun.call;
    });
    const isOver = found.some(({ type }) => type === 'ended');
    const isIdle = !found.some(({ type }) => type === 'started') || found.some(({ type }) => type === 'completed');
    return isOver && isIdle ? found : undefined;
  };
  const until = <T>(find: () => T | undefined) =>
    new Promise<T>((resolve) => {
      const look = () => {
        const found = find();
        if (found === undefined) return;
        listeners.delete(look);
        resolve(found);
      };
      listeners.add(look);
      look();
    });
  return {
    events,
    call: (tag) => until(() => of(tag)),
    ended: (id) => until(() => events.find((event) => event.type === 'ended' && event.call === id)),
    waiting: (count) =>
      until(() => {
        const last = events.filter((event) => event.type === 'overview').at(-1);
        return last?.type === 'overview' && last.faults.length === count ? last : undefined;
      }),
  };
}

async function invoke(
  call: object,
): Promise<Answer & { readonly value: ConsoleAnswer & { readonly message?: string } }> {
  const body = JSON.stringify({ through: 'stream', functionArn: FUNCTION, as: ROOT, payload: '{}', ...call });
  const answer = await ask('/_console/api/invoke', bearer(), 'POST', body);
  return { ...answer, value: JSON.parse(answer.text) as ConsoleAnswer };
}

describe('who gets in', () => {
  const API = '/_console/api/events';

  test('without the option there is no console', async () => {
    const plain = await startLocal();
    expect(plain.consoleUrl).toBeUndefined();
    const { status } = await fetch(`${plain.endpoint}/_console?token=${token}`);
    await plain.stop();
    expect(status).toBe(404);
  });

  test('the page and its interface open with the token', async () => {
    expect(await ask(`/_console?token=${token}`)).toMatchObject({
      status: 200,
      text: expect.stringMatching(/^<!doctype html>/),
    });
    expect(
      await ask(API, { ...bearer(), 'sec-fetch-site': 'same-origin', origin: `http://127.0.0.1:${port}` }),
    ).toMatchObject({
      status: 200,
      text: expect.stringMatching(/^data: \{"type":"overview"/),
    });
  });

  test.each([
    ['no token', '/_console', {}, 401],
    ['an empty token', '/_console?token=', {}, 401],
    ['a wrong token', '/_console?token=wrong', {}, 401],
    ['no token for the interface', API, {}, 401],
    ['a wrong token for the interface', API, bearer('wrong'), 401],
    ['the token of the interface in another form', API, { authorization: 'Basic x' }, 401],
    ['a path that nobody serves, without the token', '/_console/api/nothing', {}, 401],
    ['a path that nobody serves', '/_console/api/nothing', 'token', 404],
    ['another origin', API, { token: '', origin: 'http://evil.example' }, 403],
    ['an origin that says nothing', API, { token: '', origin: 'null' }, 403],
    ['another port', API, { token: '', origin: 'http://127.0.0.1:1' }, 403],
    ['another site', API, { token: '', 'sec-fetch-site': 'cross-site' }, 403],
    ['another tab on this machine', API, { token: '', 'sec-fetch-site': 'same-site' }, 403],
    ['another host', API, { token: '', host: 'evil.example' }, 403],
    ['another name of loopback', API, { token: '', host: 'localhost' }, 403],
    ['another host, for the page', '/_console', { token: '', host: 'evil.example' }, 403],
  ] as const)('%s', async (_, path, headers, status) => {
    const isKnown = headers === 'token' || 'token' in headers;
    const { token: __, ...given } = headers === 'token' ? {} : ({ ...headers } as Record<string, string>);
    const calls = page.events.length;
    const answer = await ask(isKnown && path === '/_console' ? `${path}?token=${token}` : path, {
      ...(isKnown && bearer()),
      ...given,
    });
    expect([answer.status, answer.text.includes('Fn')]).toEqual([status, false]);
    // What the deployment has called may still be told of.
    expect(page.events.slice(calls).filter((event) => event.type === 'accepted' && event.by === undefined)).toEqual([]);
  });

  test('a call without the token, or of another origin, runs nothing', async () => {
    const body = JSON.stringify({ through: 'stream', functionArn: FUNCTION, as: ROOT, payload: '{}', tag: 'x' });
    const refused = [{}, bearer('wrong'), { ...bearer(), origin: 'http://evil.example' }];
    const answers = await Promise.all(refused.map((headers) => ask('/_console/api/invoke', headers, 'POST', body)));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 403]);
    // CloudFormation has called at the deployment.
    const calls = page.events.filter((event) => event.type === 'accepted' && event.by === undefined);
    expect(calls).toEqual([]);
  });

  test('the token in the address of the interface is not enough: a form of another page could send it', async () => {
    expect(await ask(`${API}?token=${token}`)).toMatchObject({ status: 401 });
  });

  test('the page runs what is in it, and nothing else', async () => {
    const { headers } = await ask(`/_console?token=${token}`);
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'sha256-\S{44}'; style-src 'sha256-\S{44}'; connect-src 'self';/,
    );
    expect(headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
  });
});

test('stacks, functions with their front ends, and who may be a caller are listed', () => {
  const [overview] = page.events;
  expect(overview).toMatchObject({
    type: 'overview',
    stacks: [{ stackName: 'One', ...ENV }],
    functions: [
      {
        functionArn: FUNCTION,
        constructPath: 'One/Fn',
        frontEnds: [
          { kind: 'FunctionUrl', url: local.functions()[0]?.urls[0], note: 'NONE, RESPONSE_STREAM' },
          { kind: 'RestApi', method: 'POST', url: expect.stringMatching(/prod\/words$/), note: 'AWS_IAM, STREAM' },
          { kind: 'HttpApi', method: 'PUT', url: expect.stringMatching(/\w\/words$/), note: 'none, BUFFERED' },
          { kind: 'HttpApi', method: 'GET', url: expect.stringMatching(/\w\/guarded$/), note: 'custom, BUFFERED' },
          { kind: 'CloudFront', url: expect.stringMatching(/\/cloudfront\/d\w{13}\/$/), note: '*' },
        ],
      },
      { functionName: 'web', frontEnds: [{ note: 'AWS_IAM, RESPONSE_STREAM' }, { kind: 'CloudFront' }] },
      { functionName: 'provider', frontEnds: [] },
    ],
    principals: expect.arrayContaining([ROOT, CALLER]),
  });
});

test('a call is told from its arrival to its end, with what IAM decided, its chunks and its log', async () => {
  const { value } = await invoke({ payload: '{"word":"tea"}', tag: 'one' });
  expect(value).toEqual({ status: 200, isWhole: true, complete: {} });
  const events = await page.call('one');
  const told = events.map(({ type }) => type).filter((type) => type !== 'log');
  expect(told.slice(0, 6)).toEqual(['accepted', 'reached', 'decided', 'started', 'delivered', 'answered']);
  expect(told.slice(6).sort()).toEqual(['completed', 'ended', 'piece', 'piece']);
  expect(events).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ type: 'accepted', operation: 'InvokeWithResponseStream' }),
      expect.objectContaining({
        type: 'decided',
        principal: ROOT,
        explanation: expect.objectContaining({ allowed: true }),
      }),
      expect.objectContaining({ type: 'started', event: { bytes: 14, text: '{"word":"tea"}' } }),
      expect.objectContaining({ type: 'delivered', initMs: expect.any(Number) }),
      expect.objectContaining({ type: 'answered', contentType: 'text/plain', isStreamed: true }),
      expect.objectContaining({ type: 'piece', bytes: 4, text: 'tea ' }),
      expect.objectContaining({ type: 'piece', bytes: 4, text: 'änd' }),
      expect.objectContaining({ type: 'log', message: expect.stringContaining('asked for tea') }),
      expect.objectContaining({ type: 'ended', status: 200, isBroken: false }),
    ]),
  );
  const times = events.map(({ at }) => at);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test('a call through the URL, one that fails, and one that nobody may make', async () => {
  const through = local.functions()[0]?.urls[0];
  const calls = [
    { through, as: '', payload: '{"word":"x"}', tag: 'url' },
    { payload: '{"word":"x","fails":true}', tag: 'fails' },
    { as: CALLER, tag: 'denied' },
    { through: 'buffered', payload: '{"word":"all"}', tag: 'buffered' },
  ];
  const answers = await Promise.all(calls.map(async (call) => (await invoke(call)).value));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 403, 200]);
  const [url, fails, denied, buffered] = await Promise.all(calls.map(({ tag }) => page.call(tag)));
  expect(url?.filter(({ type }) => type === 'decided')).toHaveLength(2);
  // The function sees a request like any other.
  const started = url?.find((event) => event.type === 'started');
  expect(JSON.stringify(started)).toMatch(/user-agent|host/);
  expect(JSON.stringify(started)).not.toMatch(/console/);
  expect(url).toContainEqual(expect.objectContaining({ type: 'accepted', operation: 'FunctionUrl' }));
  expect(fails).toContainEqual(
    expect.objectContaining({ type: 'completed', errorType: 'TypeError', errorMessage: 'no more words' }),
  );
  expect(denied).toContainEqual(
    expect.objectContaining({
      type: 'decided',
      explanation: expect.objectContaining({
        allowed: false,
        missing: [expect.objectContaining({ kind: 'identity-based' })],
      }),
    }),
  );
  expect(denied).toContainEqual(
    expect.objectContaining({ type: 'ended', status: 403, refusal: expect.stringMatching(/^AccessDenied.*Caller/) }),
  );
  expect(buffered).toContainEqual(expect.objectContaining({ type: 'piece', text: expect.stringContaining('all') }));
});

test('calls through the other front ends, each told as what it is', async () => {
  for (const { kind, method, url: through } of frontEndsOfFn().filter(({ note }) => !note.startsWith('custom'))) {
    const { value } = await invoke({ through, method, payload: '{"word":"x"}', tag: `by ${kind}` });
    // The function answers a REST API without the prelude that it wants; who asks for the others gets bytes.
    expect([kind, value.status]).toEqual([kind, kind === 'RestApi' ? 502 : 200]);
  }
  const told = page.events.flatMap((event) => {
    return event.type === 'accepted' && event.what.includes('/words')
      ? [[event.operation, event.what.split('/').at(-1)]]
      : [];
  });
  expect(told).toEqual([
    ['RestApi', 'words'],
    ['HttpApi', 'words'],
  ]);
  expect(page.events).toContainEqual(
    expect.objectContaining({ type: 'accepted', operation: 'FunctionUrl', through: 'CloudFront' }),
  );
  expect(await page.call('by RestApi')).toContainEqual(
    expect.objectContaining({ type: 'decided', principal: ROOT, action: 'execute-api:Invoke' }),
  );
});

test('a call whose signature is refused tells its function and why', async () => {
  const [overview] = page.events;
  const web =
    overview?.type === 'overview' ? overview.functions.find(({ functionName }) => functionName === 'web') : undefined;
  const [url, edge] = web?.frontEnds.map(({ url }) => url) ?? [];
  const body = JSON.stringify({ word: 'x' });
  const responses = await Promise.all([url, edge].map((each) => fetch(each ?? '', { method: 'POST', body })));
  expect(responses.map(({ status }) => status)).toEqual([403, 403]);
  for (const response of responses) {
    const id = response.headers.get('x-amzn-requestid') ?? '';
    await page.ended(id);
    const told = page.events.filter((event) => event.type !== 'overview' && event.call === id);
    expect(told.slice(1, -1)).toEqual([expect.objectContaining({ type: 'reached', function: web?.functionArn })]);
    const refusal = response.headers.get('x-local-refusal');
    expect(told.at(-1)).toMatchObject({ type: 'ended', refusal });
    expect(local.explain(id).summary).toContain(refusal);
  }
  const { value } = await invoke({ through: url, as: '', tag: 'unsigned' });
  expect(value.message).toMatch(/^Missing Authentication Token: the request is not signed/);
});

const frontEndsOfFn = () => {
  const [overview] = page.events;
  return overview?.type === 'overview' ? (overview.functions[0]?.frontEnds ?? []) : [];
};

const callsBy = (by: string) => {
  const calls = new Map<string, Call>();
  for (const event of page.events) if (event.type !== 'overview') addEvent(calls, event);
  return [...calls.values()].filter((call) => callerOf(call, local.functions()) === by);
};

describe('calls that no client made are told, with who called', () => {
  test('CloudFormation, for a custom resource', () => {
    const [call] = callsBy('CloudFormation');
    expect(call).toMatchObject({
      what: 'Create Custom::Thing Thing',
      reached: { function: expect.stringMatching(/:function:provider$/) },
      started: expect.objectContaining({ version: '$LATEST' }),
      pieces: [{ text: '"done"' }],
    });
    expect(call && resultOf(call)).toBe('complete');
  });

  test("API Gateway, for an authorizer: beside the client's own call, which has its own events", async () => {
    const url = frontEndsOfFn().find(({ note }) => note.startsWith('custom'))?.url ?? '';
    const answers = ['tea', 'mud'].map((word) => fetch(url, { headers: { word } }));
    expect((await Promise.all(answers)).map(({ status }) => status).sort()).toEqual([200, 403]);
    await Promise.all(callsBy('API Gateway').map(({ id }) => page.ended(id)));
    const judged = callsBy('API Gateway');
    expect(judged.map((call) => [call.what, resultOf(call)])).toEqual(
      [1, 2].map(() => [expect.stringMatching(/^authorizer \w+$/), 'complete']),
    );
    expect(judged.map(({ pieces }) => pieces[0]?.text).sort()).toEqual([
      '{"isAuthorized":false}',
      '{"isAuthorized":true}',
    ]);
  });

  test('an asynchronous invocation is accepted, runs after that, and ends', async () => {
    const client = new LambdaClient(local.clientConfig({ as: ROOT }));
    const Payload = Buffer.from('{"word":"later","fails":true}');
    const { $metadata } = await client.send(
      new InvokeCommand({ FunctionName: 'chat', InvocationType: 'Event', Payload }),
    );
    client.destroy();
    const seen = () => {
      const calls = new Map<string, Call>();
      for (const event of page.events) if (event.type !== 'overview') addEvent(calls, event);
      return calls.get($metadata.requestId ?? '') as Call;
    };
    await page.ended($metadata.requestId ?? '');
    const words = new Set<string>();
    while (seen().completed === undefined) {
      words.add(resultOf(seen()));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect([...words].filter((word) => !['accepted', 'running'].includes(word))).toEqual([]);
    expect([resultOf(seen()), callerOf(seen(), [])]).toEqual(['failed', ROOT.replace(/.*:/, '')]);
  });

  test('another function, by the name that its session has', () => {
    const principal = `arn:aws:sts::${ENV.account}:assumed-role/One-WebRole/web`;
    const call = { by: undefined, decisions: [{ principal }] } as unknown as Call;
    expect(callerOf(call, local.functions())).toBe('Web');
    expect(callerOf(call, [])).toBe('One-WebRole/web');
  });
});

test('what CloudFront answers itself is told as a call that ended, and why', async () => {
  const { pathname } = new URL(frontEndsOfFn().find(({ kind }) => kind === 'CloudFront')?.url ?? '');
  const { status, headers } = await ask(`${pathname}own`, { 'content-length': '6' }, 'GET', 'a body');
  expect(status).toBe(403);
  const id = String(headers['x-amz-cf-id']);
  await page.ended(id);
  expect(page.events.filter((event) => event.type !== 'overview' && event.call === id)).toEqual([
    expect.objectContaining({ type: 'accepted', operation: 'CloudFront', what: `GET ${pathname}own` }),
    expect.objectContaining({ type: 'ended', status, refusal: 'CloudFront takes no GET with a body' }),
  ]);
});

describe('through a front end', () => {
  const web = (kind: string) => {
    const [overview] = page.events;
    const { frontEnds = [] } = overview?.type === 'overview' ? (overview.functions[1] ?? {}) : {};
    return frontEnds.find((each) => each.kind === kind)?.url ?? '';
  };
  const sent = (events: readonly JournalEvent[]) => {
    const text = events.map((event) => (event.type === 'piece' ? event.text : '')).join('');
    // After the prelude.
    return JSON.parse(text.slice(text.lastIndexOf('\0') + 1)) as Record<string, unknown> & {
      readonly headers: Record<string, string>;
    };
  };

  test('any method, path, query and header is sent', async () => {
    const asked = { method: 'GET', through: `${web('FunctionUrl')}words/one?q=a%20b`, headers: { 'X-Own': 'yes' } };
    expect((await invoke({ ...asked, tag: 'get' })).value).toEqual({ status: 200, isWhole: true });
    expect(sent(await page.call('get'))).toMatchObject({
      method: 'GET',
      rawPath: '/words/one',
      rawQueryString: 'q=a%20b',
      headers: expect.objectContaining({ 'x-own': 'yes' }),
    });
  });

  test('CloudFront gets the hash of the body, and no signature of ours', async () => {
    const { value } = await invoke({ through: `${web('CloudFront')}at-edge`, payload: 'äh', tag: 'hash' });
    expect(value).toEqual({ status: 200, isWhole: true });
    // The origin's call has the tag of the viewer's.
    const { body, method, rawPath } = sent(await page.call('hash'));
    expect([method, rawPath, body]).toEqual(['POST', '/at-edge', 'äh']);
  });

  test('what the function answers in order is whole, whatever its status; what it breaks off is not', async () => {
    const [missing, broken] = await Promise.all(
      ['missing', 'broken'].map(async (path) => {
        const { value } = await invoke({ through: `${web('FunctionUrl')}${path}`, tag: path });
        const call = new Map<string, Call>();
        for (const event of await page.call(path)) addEvent(call, event);
        const [seen] = call.values();
        return seen && { value, words: [resultOf(seen), resultOf({ ...seen, answer: value })] };
      }),
    );
    expect(missing).toMatchObject({ value: { status: 404, isWhole: true }, words: ['complete 404', 'complete 404'] });
    expect(broken).toMatchObject({ value: { status: 200, isWhole: false }, words: ['cut off', 'cut off'] });
  });
});

test('calls of any other client are told as well, also to who comes later', async () => {
  const client = new LambdaClient(local.clientConfig({ as: ROOT }));
  const { EventStream } = await client.send(
    new InvokeWithResponseStreamCommand({ FunctionName: FUNCTION, Payload: Buffer.from('{"word":"sdk"}') }),
  );
  let last: object = {};
  for await (const event of EventStream ?? []) last = event;
  expect(last).toHaveProperty('InvokeComplete');
  client.destroy();
  const word = 'x'.repeat(1_000_000);
  await invoke({ payload: JSON.stringify({ word }), tag: 'large' });
  await page.call('large');
  const late = await openPage();
  const large = await late.call('large');
  expect(large.reduce((sum, event) => sum + (event.type === 'piece' ? event.bytes : 0), 0)).toBe(word.length + 5);
  expect(late.events).toContainEqual(expect.objectContaining({ type: 'piece', text: 'sdk ' }));
});

test('a fault disturbs the next call of its function, whoever makes it, and can be taken back', async () => {
  const ask1 = (method: string, value: unknown, headers = bearer()) =>
    ask('/_console/api/faults', headers, method, method === 'POST' ? JSON.stringify(value) : '');
  const fault = { delayMs: 1, truncateAfterBytes: 6, rechunk: { seed: 1 } };
  expect(await ask1('POST', { fault, functionName: 'chat' })).toMatchObject({ status: 200 });
  await page.waiting(1);
  expect(page.events.filter(({ type }) => type === 'overview').at(-1)).toMatchObject({
    faults: [{ fault, functionName: 'chat', times: 1 }],
  });
  const cut = { payload: '{"word":"tea"}', tag: 'cut' };
  expect((await invoke(cut)).value).toEqual({ status: 200, isWhole: false });
  await page.waiting(0);
  const events = await page.call('cut');
  expect(events).toContainEqual(expect.objectContaining({ type: 'faulted', fault }));
  const sent = events.map((event) => (event.type === 'piece' ? event.bytes : 0));
  expect(sent.reduce((sum, bytes) => sum + bytes)).toBe(6);

  for (const functionName of ['chatt', 'One/Fnn', 'Caller']) {
    expect(() => local.injectFault({ throttle: true }, { functionName })).toThrow(
      functionName === 'Caller' ? /takes the name of a function; 'Caller' is/ : /did you mean '(chat|One\/Fn)'\?$/,
    );
  }
  expect(await ask1('POST', { fault, functionName: 'chatt' })).toMatchObject({ status: 400 });
  for (const functionName of ['One/Fn', `${FUNCTION}:live`]) {
    const takeBack = local.injectFault({ throttle: true }, { functionName });
    expect((await invoke({ tag: functionName })).value).toMatchObject({ status: 429 });
    takeBack();
  }
  local.injectFault({ throttle: true }, { functionName: FUNCTION });
  expect((await invoke({ tag: 'throttled' })).value).toMatchObject({ status: 429, isWhole: true });

  expect(await ask1('POST', { fault: { throttle: true }, functionName: 'chat' })).toMatchObject({ status: 200 });
  expect(await ask1('DELETE', {}, bearer('wrong'))).toMatchObject({ status: 401 });
  expect(await ask1('DELETE', {})).toMatchObject({ status: 200 });
  expect((await invoke({ payload: '{"word":"x"}', tag: 'whole' })).value).toMatchObject({ status: 200, isWhole: true });
  expect(await ask1('POST', { fault: { delay: 1 }, functionName: 'chat' })).toMatchObject({
    status: 400,
    text: expect.stringContaining("there is no fault 'delay'; did you mean 'delayMs'?"),
  });
});

test.each([
  [
    { through: 'http://127.0.0.1:1/', tag: 'x' },
    /^invoke: through must be 'stream', 'buffered' or the address of a front end below/,
  ],
  // A path that leads out of the front ends.
  [{ through: '/lambda-url/x/../../2015-03-31/functions', tag: 'x' }, /^invoke: through must be 'stream'/],
  [{ through: 'constructor', tag: 'x' }, /^invoke: through must be 'stream'.*, got 'constructor'$/],
  [{ through: '__proto__', tag: 'x' }, /^invoke: through must be 'stream'/],
  [{ constructor: 1, tag: 'x' }, /^invoke: there is no option 'constructor'/],
  [JSON.parse('{ "__proto__": {}, "tag": "x" }'), /^invoke: there is no option '__proto__'/],
  [{ headers: { 'a b': 'c' }, tag: 'x' }, /^invoke: 'a b: c' is not a header: /],
  [{ as: `${CALLER}s`, tag: 'x' }, /no deployed stack defines the role/],
  [{ tag: 1 }, /^invoke: tag must be a non-empty string, got 1/],
  [{}, /^invoke: 'tag' is missing/],
])('a call that is none is refused in words: %j', async (call, message) => {
  const { status, value } = await invoke(call);
  expect([status, value.message]).toEqual([400, expect.stringMatching(message)]);
});
