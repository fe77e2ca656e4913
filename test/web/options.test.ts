/** Each option of the web handlers, on the response stream of AWS's own runtime client. */
import { type FetchFunction, nodeHandler, type WebHandlerOptions, webHandler } from 'cdk-lambda-streaming/web';
import { loadBalancer, payload1, payload2 } from '../../src/testing/conformance/events';
import { encodePrelude, PreludeSplitter } from '../../src/wire/http-prelude';
import { lambdaContext, runOnOfficialRuntime } from '../handler/official-runtime';

const EVENTS = { headers: { 'content-type': 'text/event-stream' } };

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Type of the error that the runtime reported, undefined where the invocation succeeded. */
  readonly errorType: string | undefined;
}

async function run(app: FetchFunction, options: WebHandlerOptions, event: object = payload2('/'), timeoutMs = 60_000) {
  const { body, errorType } = await runOnOfficialRuntime(webHandler(app, options), { event, timeoutMs });
  const splitter = new PreludeSplitter();
  const text = Buffer.from(splitter.push(body)).toString();
  const { statusCode: status, headers = {} } = splitter.prelude ?? {};
  return { status, headers, text, errorType } satisfies Answer;
}

const echoUrl: FetchFunction = (request, { remoteAddress }) => new Response(`${request.url} ${remoteAddress}`);

/** A body of these pieces, each when the one before it was taken and the pause is over; the last may be an error. */
function bodyOf(pauseMs: number, ...pieces: (string | Error)[]): ReadableStream<Uint8Array> {
  const left = [...pieces];
  return new ReadableStream(
    {
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        const piece = left.shift();
        if (piece === undefined) controller.close();
        else if (piece instanceof Error) controller.error(piece);
        else controller.enqueue(Buffer.from(piece));
      },
    },
    { highWaterMark: 0 },
  );
}

let logged: jest.SpyInstance;
beforeEach(() => {
  logged = jest.spyOn(console, 'error').mockImplementation();
});
afterEach(() => logged.mockRestore());

describe('basePath', () => {
  test.each([
    ['/prod/chat', '/prod', '/chat'],
    ['/prod', '/prod', '/'],
    ['/products', '/prod', '/products'],
    ['/chat', '/prod', '/chat'],
  ])('%s without %s is %s', async (path, basePath, expected) => {
    const { text } = await run(echoUrl, { basePath }, payload2(path));
    expect(new URL(text.split(' ')[0] ?? '').pathname).toBe(expected);
  });

  test('a function finds it in the event', async () => {
    const basePath = (event: unknown) => `/${(event as { requestContext: { stage: string } }).requestContext.stage}`;
    const { text } = await run(echoUrl, { basePath }, payload1('/prod/chat'));
    expect(text).toContain('.com/chat ');
  });
});

describe('trustProxy', () => {
  const headers = { host: 'h', 'x-forwarded-for': '192.0.2.1, 203.0.113.7', 'x-forwarded-host': 'shop.example' };

  test('without it, address and host are those the front end saw', async () => {
    expect((await run(echoUrl, {}, payload2('/', { headers }))).text).toBe('https://h/ 203.0.113.7');
    const balancer = loadBalancer('/', { headers: { ...headers, 'x-forwarded-proto': 'http' } });
    const { body } = await webHandler(echoUrl)(balancer);
    expect(body).toBe('http://h/ 203.0.113.7');
  });

  test('with it, they are those a proxy forwarded', async () => {
    const { text } = await run(echoUrl, { trustProxy: true }, payload2('/', { headers }));
    expect(text).toBe('https://shop.example/ 192.0.2.1');
  });
});

describe('a host that is none', () => {
  test.each(['evil.example/path?', 'a b', 'x@y', ''])('%j does not change the URL', async (host) => {
    const { text } = await run(
      echoUrl,
      {},
      payload2('/here', { headers: { host }, requestContext: { http: { method: 'GET' } } }),
    );
    expect(text).toMatch(/^https:\/\/localhost\/here /);
  });

  test('nor does a path that looks like one', async () => {
    const { text } = await run(echoUrl, {}, payload2('/', { rawPath: '//evil.example/x', headers: { host: 'h' } }));
    expect(text).toMatch(/^https:\/\/h\/\/evil\.example\/x /);
    const { text: bare } = await run(echoUrl, {}, payload2('/', { rawPath: '@evil.example', headers: { host: 'h' } }));
    expect(bare).toMatch(/^https:\/\/h\/@evil\.example /);
  });
});

describe('keepAliveMs', () => {
  test('fills silence between events, never within one', async () => {
    const app = () => new Response(bodyOf(60, 'data: 1\n', '\n', 'data: 2\n\n'), EVENTS);
    const { text } = await run(app, { keepAliveMs: 10 });
    expect(text.replace(/(: keep-alive\n\n)+/g, '+')).toBe('+data: 1\n\n+data: 2\n\n+: $stream end\n\n');
  });

  test('knows other ends of lines', async () => {
    const app = () => new Response(bodyOf(60, 'data: 1\r\n\r', '\n', 'data: 2\r\r', 'data: 3\n\n'), EVENTS);
    const { text } = await run(app, { keepAliveMs: 10 });
    expect(text.replace(/(: keep-alive\n\n)+/g, '+')).toBe(
      '+data: 1\r\n\r\n+data: 2\r\r+data: 3\n\n+: $stream end\n\n',
    );
  });

  test('fills line-delimited JSON with spaces at the start of a line, if it is given', async () => {
    const app = () =>
      new Response(bodyOf(60, '{"n":', '1}\n', '{"n":2}\n'), { headers: { 'content-type': 'application/jsonl' } });
    const { text } = await run(app, { keepAliveMs: 10, headersWaitMs: 0 });
    expect(text.replace(/ +/g, '+')).toBe('+{"n":1}\n+{"n":2}\n+');
  });

  test.each([
    ['false', EVENTS.headers, { keepAliveMs: false as const }],
    ['another type', { 'content-type': 'text/html' }, { keepAliveMs: 10 }],
  ])('%s: nothing is filled', async (_, headers, options) => {
    const { text } = await run(() => new Response(bodyOf(40, 'x\n\n', 'y\n\n'), { headers }), {
      ...options,
      endMark: false,
    });
    expect(text).toBe('x\n\ny\n\n');
  });
});

describe('endMark', () => {
  test('false leaves it out', async () => {
    expect((await run(() => new Response('data: 1\n\n', EVENTS), { endMark: false })).text).toBe('data: 1\n\n');
  });

  test('a body that ends within an event gets none, for its source was cut', async () => {
    expect((await run(() => new Response('data: 1\n\ndata: 2', EVENTS), {})).text).toBe('data: 1\n\ndata: 2');
  });

  test('a length that the app promised for its events is not sent', async () => {
    const headers = { ...EVENTS.headers, 'content-length': '9' };
    expect((await run(() => new Response('data: 1\n\n', { headers }), {})).headers).toEqual(EVENTS.headers);
  });
});

describe('errorFrame', () => {
  const failing = () => new Response(bodyOf(0, 'data: 1\n\n', new Error('secret')), EVENTS);

  test('auto: one event for three kinds of client', async () => {
    const { text, errorType } = await run(failing, {});
    const message = 'The function failed';
    expect(errorType).toBe('Error');
    expect(text.startsWith('data: 1\n\n\n\nevent: error\ndata: ')).toBe(true);
    expect(JSON.parse(text.split('data: ')[2] ?? '')).toEqual({
      type: 'error',
      errorText: message,
      code: 'StreamFailed',
      message,
      error: { type: 'api_error', message },
    });
  });

  test('JSON-RPC requests, alone or in a batch, get an error each', async () => {
    const body = JSON.stringify([{ jsonrpc: '2.0', id: 'a' }, { jsonrpc: '2.0' }, { jsonrpc: '2.0', id: 2 }]);
    const { text } = await run(failing, {}, payload2('/', { body }, 'POST'));
    expect([...text.matchAll(/"id":("a"|2),"error":\{"code":-32603,/g)]).toHaveLength(2);
  });

  test('a run of AG-UI gets RUN_ERROR', async () => {
    const { text } = await run(failing, {}, payload2('/', { body: '{"runId":"r","threadId":"t"}' }, 'POST'));
    expect(text).toContain('data: {"type":"RUN_ERROR","message":"The function failed","code":"StreamFailed"}\n\n');
  });

  test('a function gives the text; false sends none', async () => {
    const errorFrame: WebHandlerOptions['errorFrame'] = ({ code }, { url }) => `data: ${code} ${url}\n\n`;
    expect((await run(failing, { errorFrame }, payload2('/x', { headers: { host: 'h' } }))).text).toBe(
      'data: 1\n\ndata: StreamFailed https://h/x\n\n',
    );
    expect((await run(failing, { errorFrame: false })).text).toBe('data: 1\n\n');
  });

  test('what is no stream of events is only cut', async () => {
    const { text, errorType } = await run(() => new Response(bodyOf(0, 'half', new Error('secret'))), {});
    expect([text, errorType]).toEqual(['half', 'Error']);
  });
});

test('an errorFrame that throws is logged, and the response is cut all the same', async () => {
  const app = () => new Response(bodyOf(0, 'data: 1\n\n', new RangeError('of the app')), EVENTS);
  const errorFrame = () => {
    throw new Error('of the frame');
  };
  const { text, errorType } = await run(app, { errorFrame });
  expect([text, errorType]).toEqual(['data: 1\n\n', 'RangeError']);
  expect(logged).toHaveBeenCalledWith('errorFrame:', new Error('of the frame'));
});

describe('headersWaitMs', () => {
  const early = (headers?: Record<string, string>) => () => new Response(bodyOf(20, new Error('early')), { headers });

  test('a body that fails at once is a 500, but not where events have begun', async () => {
    expect((await run(early(), { headersWaitMs: 5_000 })).status).toBe(500);
    expect((await run(early(), { headersWaitMs: 0 })).status).toBe(200);
    expect((await run(early(EVENTS.headers), {})).status).toBe(200);
    expect((await run(early(EVENTS.headers), { headersWaitMs: 5_000 })).status).toBe(500);
  });
});

describe('onError', () => {
  test('its Response is sent, and the invocation succeeds', async () => {
    const seen: unknown[] = [];
    const { status, text, errorType } = await run(
      () => {
        throw new Error('broken');
      },
      {
        onError: (error, { begun, request }) => {
          seen.push(error, begun, request.method);
          return Response.json({ sorry: true }, { status: 503 });
        },
      },
    );
    expect([status, text, errorType]).toEqual([503, '{"sorry":true}', undefined]);
    expect(seen).toEqual([new Error('broken'), false, 'GET']);
  });

  test('once the response has begun it is only told', async () => {
    const begun: boolean[] = [];
    const app = () => new Response(bodyOf(0, 'data: 1\n\n', new Error('late')), EVENTS);
    const { status, errorType } = await run(app, {
      onError: (_, about) => {
        begun.push(about.begun);
        return new Response('too late');
      },
    });
    expect([status, errorType, begun]).toEqual([200, 'Error', [true]]);
  });

  test.each([
    ['throws', () => Promise.reject(new Error('of the listener'))],
    ['gives what cannot be sent', () => ({}) as Response],
    ['gives nothing', () => undefined],
  ])('where it %s, the client gets the plain status', async (_, onError) => {
    const app = () => Promise.reject(new RangeError('of the app'));
    const { status, text } = await run(app, { onError });
    expect([status, text]).toEqual([500, 'The function failed']);
  });
});

describe('the deadline', () => {
  test('aborts the request and answers 504, however long the app goes on', async () => {
    let reason: unknown;
    const app: FetchFunction = ({ signal }) =>
      new Promise(() => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
        });
      });
    const { status, text, errorType } = await run(app, { deadlineMarginMs: 100 }, undefined, 200);
    // Nothing that would cut it off.
    expect([status, text, errorType]).toEqual([504, 'The function ran out of time', undefined]);
    expect(reason).toMatchObject({ name: 'DeadlineExceeded', message: "stopped 100 ms before the function's timeout" });
  });

  test('an answer that comes after it is not sent any more', async () => {
    const written: string[] = [];
    let answered: Promise<unknown> | undefined;
    const handler = webHandler(({ signal }) => {
      const answer = new Promise<Response>((resolve) => {
        signal.addEventListener('abort', () => setTimeout(() => resolve(new Response('late', EVENTS)), 20));
      });
      answered = answer;
      return answer;
    });
    const stream = {
      write: (bytes: Uint8Array) => written.push(Buffer.from(bytes).toString()) > 0,
      end: () => written.push('end'),
    };
    const context = { ...lambdaContext(), getRemainingTimeInMillis: () => 50 };
    await expect(handler(payload2('/'), stream, context)).rejects.toThrow('stopped 5 ms before');
    await answered;
    await new Promise(setImmediate);
    expect(written).toEqual([expect.stringContaining('"statusCode":504'), 'The function ran out of time', 'end']);
  });

  test('stops what the body comes from', async () => {
    let cancelled: unknown;
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(Buffer.from('data: 1\n\n')),
      cancel: (given) => {
        cancelled = given;
      },
    });
    const { text } = await run(() => new Response(body, EVENTS), {}, undefined, 1_500);
    expect(text).toContain('"code":"DeadlineExceeded"');
    expect(cancelled).toMatchObject({ name: 'DeadlineExceeded' });
  });
});

describe('fail', () => {
  const failingHelper: FetchFunction = (_, env) => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    // As helpers do it that catch the errors of their own stream.
    const helper = async () => {
      await writer.write(Buffer.from('data: 1\n\n'));
      env.fail(new RangeError('of the stream'));
      await new Promise(setImmediate);
      await writer.write(Buffer.from('data: 2\n\n')).catch(() => undefined);
      await writer.close().catch(() => undefined);
    };
    void helper();
    return new Response(readable, EVENTS);
  };

  test('ends the response as one that failed, though its stream ends well', async () => {
    const { text, errorType } = await run(failingHelper, {});
    expect(text).toMatch(/^data: 1\n\n\n\nevent: error\ndata: [^\n]+\n\n$/);
    expect(errorType).toBe('RangeError');
  });

  test('after the end changes nothing', async () => {
    let fail: (error: unknown) => void = () => undefined;
    const app: FetchFunction = (_, env) => {
      fail = env.fail;
      return new Response('x');
    };
    const { text, errorType } = await run(app, {});
    fail(new Error('late'));
    await new Promise(setImmediate);
    expect([text, errorType]).toEqual(['x', undefined]);
  });
});

describe('waitUntil', () => {
  test('the response ends before the work does, and the invocation after it', async () => {
    const order: string[] = [];
    let release = (): void => undefined;
    const handler = webHandler((_, __, { waitUntil }) => {
      waitUntil(
        new Promise<void>((resolve) => {
          release = resolve;
        }).then(() => order.push('work')),
      );
      return new Response('x');
    });
    const stream = { write: () => true, end: () => order.push('end') };
    const running = handler(payload2('/'), stream, lambdaContext()).then(() => order.push('invocation'));
    while (!order.includes('end')) await new Promise((resolve) => setTimeout(resolve, 5));
    release();
    await running;
    expect(order).toEqual(['end', 'work', 'invocation']);
  });

  test('work that fails is logged and changes nothing', async () => {
    const app: FetchFunction = (_, __, { waitUntil }) => {
      waitUntil(Promise.reject(new Error('of the work')));
      return new Response('x');
    };
    expect((await run(app, {})).errorType).toBeUndefined();
    expect(logged).toHaveBeenCalledWith('waitUntil:', new Error('of the work'));
  });
});

describe('metrics', () => {
  const HEAD_BYTES = encodePrelude({ statusCode: 200, headers: {}, cookies: [] }).length;

  test('say what was sent, and how it ended', async () => {
    const measured: object[] = [];
    const metrics = (one: object) => {
      measured.push(one);
    };
    await run(() => new Response(bodyOf(0, 'ab', 'c')), { metrics });
    await run(() => new Response(bodyOf(0, 'ab', new TypeError('x'))), { metrics, headersWaitMs: 0 });
    expect(measured).toMatchObject([
      { outcome: 'complete', bytes: HEAD_BYTES + 3, chunks: 2, requestId: lambdaContext().awsRequestId },
      { outcome: 'TypeError', bytes: HEAD_BYTES + 2, chunks: 1 },
    ]);
  });

  test('that throw are logged', async () => {
    const metrics = () => {
      throw new Error('of the metrics');
    };
    expect((await run(() => new Response('x'), { metrics })).errorType).toBeUndefined();
    expect(logged).toHaveBeenCalledWith('metrics:', new Error('of the metrics'));
  });
});

describe('what cannot be', () => {
  const app = () => new Response('x');

  test.each([
    [{ keepalive: 1 }, "webHandler: there is no option 'keepalive', only basePath, trustProxy"],
    [{ toString: 1 }, "webHandler: there is no option 'toString'"],
    [{ keepAliveMs: -1 }, 'webHandler: keepAliveMs must be a number above 0 or false, got -1'],
    [{ keepAliveMs: 0 }, 'webHandler: keepAliveMs must be a number above 0 or false, got 0'],
    [{ keepAliveMs: true }, 'webHandler: keepAliveMs must be a number above 0 or false, got true'],
    [{ headersWaitMs: Number.NaN }, 'webHandler: headersWaitMs must be a number from 0, got NaN'],
    [{ deadlineMarginMs: 2 ** 31 }, 'webHandler: deadlineMarginMs must be a number from 0, got 2147483648'],
    [{ errorFrame: 'none' }, 'webHandler: errorFrame must be auto or false or a function, got none'],
    [{ trustProxy: 'yes' }, 'webHandler: trustProxy must be a boolean, got yes'],
    [{ onError: {} }, 'webHandler: onError must be a function, got [object Object]'],
  ])('options %j', (options, message) => {
    expect(() => webHandler(app, options as WebHandlerOptions)).toThrow(message);
  });

  test('an option that is undefined is left out', () => {
    expect(() => webHandler(app, { keepAliveMs: undefined })).not.toThrow();
  });

  test.each([undefined, null, 'app', {}, { fetch: 1 }])('an app that is %j', (given) => {
    expect(() => webHandler(given as never)).toThrow(/^webHandler needs a fetch function or an object with one, got /);
    if (given !== undefined) expect(() => nodeHandler(given as never)).toThrow(/^nodeHandler needs a listener/);
  });

  test.each([{}, null, { hello: 'world' }, { requestContext: {} }, 'text', { Records: [] }])(
    'an event %j',
    async (event) => {
      const message =
        'webHandler needs the event of a function URL, an API or a load balancer, or one of payload format 2.0, got';
      await expect(webHandler(app)(event)).rejects.toThrow(message);
    },
  );

  test.each([
    [undefined, 'the fetch function must give a Response, got undefined'],
    [{ statusCode: 200, body: 'x' }, 'a Lambda adapter made it; give the fetch function of the app'],
    [Response.error(), 'the status of a response must be 200 to 599, got 0'],
    [
      new Response(new ReadableStream({ start: (to) => to.enqueue({ no: 'bytes' } as never) })),
      'must be a Uint8Array or a string, got object',
    ],
  ])('a response %j', async (given, message) => {
    const errors: unknown[] = [];
    const { status } = await run(() => given as Response, { onError: (error) => void errors.push(error) });
    expect(status).toBe(500);
    expect(String(errors[0])).toContain(message);
  });
});

test('pieces may be strings', async () => {
  const body = new ReadableStream({
    start: (controller) => {
      for (const piece of ['hé', 'llo'] as never[]) controller.enqueue(piece);
      controller.close();
    },
  });
  expect((await run(() => new Response(body), {})).text).toBe('héllo');
});

test('a fetch method keeps its this', async () => {
  const app = {
    text: 'mine',
    fetch() {
      return new Response(this.text);
    },
  };
  expect((await webHandler(app)(payload2('/'))).body).toBe('mine');
});

test('without a response stream the response comes in one piece, as its front end takes it', async () => {
  const app = () => {
    const headers = new Headers({ 'content-type': 'text/plain' });
    for (const cookie of ['a=1', 'b=2', 'c=3']) headers.append('set-cookie', cookie);
    return new Response('hello', { headers });
  };
  const common = { statusCode: 200, body: 'hello', isBase64Encoded: false };
  const handler = webHandler(app);
  expect(await handler(payload2('/'))).toEqual({
    ...common,
    headers: { 'content-type': 'text/plain' },
    cookies: ['a=1', 'b=2', 'c=3'],
  });
  expect(await handler(payload1('/'))).toEqual({
    ...common,
    multiValueHeaders: { 'content-type': ['text/plain'], 'set-cookie': ['a=1', 'b=2', 'c=3'] },
  });
  expect(await handler(loadBalancer('/'))).toEqual({
    ...common,
    headers: { 'content-type': 'text/plain', 'set-cookie': 'a=1', 'Set-cookie': 'b=2', 'sEt-cookie': 'c=3' },
  });
});

test.each([
  ['text/plain; charset=iso-8859-1', Uint8Array.of(0xe9), '6Q==', true],
  ['image/svg+xml', Buffer.from('<svg>é</svg>'), '<svg>é</svg>', false],
  ['application/octet-stream', new Uint8Array(), '', false],
])('in one piece %s goes as base64 where its bytes are not UTF-8', async (type, bytes, body, isBase64Encoded) => {
  const app = () => new Response(bytes, { headers: { 'content-type': type } });
  expect(await webHandler(app)(payload2('/'))).toMatchObject({ body, isBase64Encoded });
});
