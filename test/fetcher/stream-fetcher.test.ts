import { createHash } from 'node:crypto';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { isStreamError, streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { createAuthenticator } from '../../src/local/http/sigv4';
import { chat, END, events, file, line, NDJSON, prose } from './support/contracts';
import { failureOf, useDoors } from './support/door-server';

const startDoor = useDoors();
const SPLITS = [1, 7, 64, undefined];

describe('a stream is read whole, however its bytes are cut', () => {
  test.each(SPLITS)('ndjson, %s bytes per write', async (split) => {
    const body = Buffer.from(`${line({ token: 'hé🙂' })}\r\n\n${line({ token: ' wörld' })}${END}`);
    const cut = [body.subarray(0, 15), body.subarray(15, 20), body.subarray(20)];
    const door = await startDoor({ headers: NDJSON, pieces: cut, split });
    const stream = await streamFetcher(chat, { url: door.url, sign: 'none' }).invoke({ prompt: 'hi' });
    const { chunks, final, requestId, metrics } = await stream.collect();
    expect(chunks).toEqual([{ token: 'hé🙂' }, { token: ' wörld' }]);
    expect(final).toEqual({ tokens: 2 });
    expect(requestId).toBe('request-1');
    expect(metrics).toMatchObject({ attempts: 1, chunks: 2, payloadBytes: body.length });
  });

  test.each(SPLITS)('sse, %s bytes per write', async (split) => {
    const body =
      ': hello\r\nid: 1\ndata: a\ndata: b\n\nevent: tick\rdata: c\r\revent: $end\ndata: {"final":{"events":2},"chunks":2}\n\n';
    const door = await startDoor({
      headers: { 'content-type': 'text/event-stream; charset=utf-8' },
      pieces: [body],
      split,
    });
    const stream = await streamFetcher(events, { url: door.url, sign: 'none' }).invoke({});
    const { chunks, final } = await stream.collect();
    expect(chunks).toEqual([
      expect.objectContaining({ data: 'a\nb', id: '1' }),
      expect.objectContaining({ event: 'tick', data: 'c' }),
    ]);
    expect(final).toEqual({ events: 2 });
  });

  test.each(SPLITS)('text, %s bytes per write', async (split) => {
    const door = await startDoor({ headers: { 'content-type': 'text/plain' }, pieces: ['grüß', ' dich 🙂'], split });
    const stream = await streamFetcher(prose, { url: door.url, sign: 'none' }).invoke({});
    expect((await stream.collect()).chunks.join('')).toBe('grüß dich 🙂');
  });

  test.each(SPLITS)('bytes, %s bytes per write', async (split) => {
    const bytes = Uint8Array.from({ length: 600 }, (_, i) => i % 256);
    const door = await startDoor({
      headers: { 'content-type': 'image/png' },
      pieces: [bytes.subarray(0, 256), bytes.subarray(256)],
      split,
    });
    const stream = await streamFetcher(file, { url: door.url, sign: 'none' }).invoke({});
    expect(Buffer.concat((await stream.collect()).chunks)).toEqual(Buffer.from(bytes));
  });
});

test('chunks arrive while the function still runs', async () => {
  const order: string[] = [];
  const door = await startDoor((exchange) => {
    exchange.begin({ headers: NDJSON });
    exchange.piece(line({ token: 'a' }));
    // The rest is written only after the reader has reported the first chunk.
    proceed = () => {
      order.push('door goes on');
      exchange.piece(line({ token: 'b' }) + END);
      exchange.end();
    };
  });
  let proceed: () => void = () => undefined;
  const stream = await streamFetcher(chat, { url: door.url, sign: 'none' }).invoke({ prompt: '' });
  for await (const { token } of stream) {
    order.push(token);
    if (token === 'a') proceed();
  }
  expect(order).toEqual(['a', 'door goes on', 'b']);
});

describe('the request', () => {
  const answer = { headers: NDJSON, pieces: [line({ token: 'a' }), line({ token: 'b' }), END] };

  test('is a POST of the input as JSON, with the hash that CloudFront needs', async () => {
    const door = await startDoor(answer);
    const fetcher = streamFetcher(chat, { url: `${door.url}?room=7#top`, sign: 'none' });
    await (await fetcher.invoke({ prompt: 'grüß' })).result;
    const [request] = door.requests;
    const body = '{"prompt":"grüß"}';
    expect(request).toMatchObject({ method: 'POST', path: '/chat?room=7', body });
    expect(request?.headers).toMatchObject({
      accept: 'application/x-ndjson',
      'content-type': 'application/json',
      'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
    });
    expect(request?.headers).not.toHaveProperty('authorization');
  });

  test('has the headers of the fetcher, asked for before each call, and of the call', async () => {
    const door = await startDoor(answer);
    let token = 0;
    const headers = async () => ({ Authorization: `Bearer ${++token}`, 'x-tenant': 'a' });
    const fetcher = streamFetcher(chat, { url: door.url, sign: 'none', headers, contentSha256: false, method: 'PUT' });
    await (await fetcher.invoke({ prompt: '1' })).result;
    await (await fetcher.invoke({ prompt: '2' }, { headers: { 'X-Tenant': 'b' } })).result;
    expect(door.requests).toMatchObject([
      { method: 'PUT', headers: { authorization: 'Bearer 1', 'x-tenant': 'a' } },
      { method: 'PUT', headers: { authorization: 'Bearer 2', 'x-tenant': 'b' } },
    ]);
    expect(door.requests[0]?.headers).not.toHaveProperty('x-amz-content-sha256');
  });

  test('is signed so that a verifier accepts it, with what the provider gives at that time', async () => {
    const known = {
      secretAccessKey: 'secret',
      sessionToken: 'token',
      principal: {
        kind: 'administrator',
        arn: 'arn:aws:iam::111111111111:role/Caller',
        account: '111111111111',
      } as const,
    };
    const authenticate = createAuthenticator((key) => (key.startsWith('AKIA') ? known : undefined), {
      now: () => Date.now(),
    } as never);
    const verdicts: boolean[] = [];
    const door = await startDoor((exchange) => {
      const { method, path: url, headers, body } = exchange.request;
      verdicts.push(authenticate({ method, url, headers, body: Buffer.from(body) }, 'lambda').authenticated);
      return exchange.answer(answer);
    });
    let calls = 0;
    const credentials = async () => ({
      accessKeyId: `AKIA${++calls}`,
      secretAccessKey: 'secret',
      sessionToken: 'token',
    });
    const sign = { credentials, region: 'eu-central-1', service: 'lambda' } as const;
    const fetcher = streamFetcher(chat, { url: `${door.url}/a%20b?x=1&a=%C3%A4`, sign });
    await (await fetcher.invoke({ prompt: 'grüß' }, { headers: { 'x-tenant': 'a' } })).result;
    await (await fetcher.invoke({ prompt: 'again' })).result;
    expect(verdicts).toEqual([true, true]);
    expect(calls).toBe(2);
  });

  test('is signed again by the service’s clock where this one is wrong', async () => {
    const known = {
      secretAccessKey: 'secret',
      principal: {
        kind: 'administrator',
        arn: 'arn:aws:iam::111111111111:role/Caller',
        account: '111111111111',
      } as const,
    };
    const ahead = 3_600_000;
    const authenticate = createAuthenticator(() => known, { now: () => Date.now() + ahead } as never);
    const verdicts: boolean[] = [];
    const door = await startDoor((exchange) => {
      const { method, path: url, headers, body } = exchange.request;
      const verdict = authenticate({ method, url, headers, body: Buffer.from(body) }, 'lambda');
      verdicts.push(verdict.authenticated);
      if (verdict.authenticated) return exchange.answer(answer);
      const date = new Date(Date.now() + ahead).toUTCString();
      const { type, message } = verdict.error;
      const refusal = { 'content-type': 'application/json', 'x-amzn-errortype': type, date };
      return exchange.answer({ status: 403, headers: refusal, pieces: [JSON.stringify({ message })] });
    });
    const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'secret' };
    const sign = { credentials, region: 'eu-central-1', service: 'lambda' } as const;
    const fetcher = streamFetcher(chat, { url: door.url, sign });
    await (await fetcher.invoke({ prompt: '1' })).result;
    await (await fetcher.invoke({ prompt: '2' })).result;
    expect(verdicts).toEqual([false, true, true]);
    // A secret that is wrong stays wrong: one answer is enough.
    const wrong = streamFetcher(chat, {
      url: door.url,
      sign: { ...sign, credentials: { ...credentials, secretAccessKey: 'x' } },
    });
    expect(await failureOf(wrong.invoke({ prompt: '3' }))).toMatchObject({
      code: 'ACCESS_DENIED',
      reason: 'credentials',
      retryable: false,
    });
    expect(verdicts.slice(3)).toEqual([false, false]);
  });

  test("sign: 'iam' takes the credentials of the environment", async () => {
    const door = await startDoor(answer);
    const before = { ...process.env };
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'AKIAENV',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
    });
    try {
      // The host of a function URL, but connected to loopback.
      const fetch = (_url: string, request: object) => globalThis.fetch(door.url, request);
      const fetcher = streamFetcher(chat, { url: 'https://abc123.lambda-url.eu-west-1.on.aws/', sign: 'iam', fetch });
      await (await fetcher.invoke({ prompt: '' })).result;
    } finally {
      process.env = before;
    }
    const { headers } = door.requests[0] ?? { headers: {} as Record<string, string> };
    expect(headers['authorization']).toMatch(/Credential=AKIAENV\/\d{8}\/eu-west-1\/lambda\/aws4_request/);
    expect(headers['x-amz-security-token']).toBe('token');
  });
});

describe('the stream', () => {
  const answer = {
    headers: { ...NDJSON, 'set-cookie': 'a=1' },
    status: 201,
    pieces: [line({ token: 'a' }), line({ token: 'b' }), END],
  };

  test('says with what status, headers and cookies the function answered', async () => {
    const door = await startDoor(answer);
    const stream = await streamFetcher(chat, { url: door.url, sign: 'none' }).invoke({ prompt: '' });
    expect(await stream.http).toEqual({
      statusCode: 201,
      headers: expect.objectContaining({ 'content-type': 'application/x-ndjson' }),
      cookies: ['a=1'],
    });
    expect((await stream.collect()).chunks).toHaveLength(2);
  });

  test('can be split in two', async () => {
    const door = await startDoor(answer);
    const stream = await streamFetcher(chat, { url: door.url, sign: 'none' }).invoke({ prompt: '' });
    const [left, right] = stream.tee();
    const both = await Promise.all([left.collect(), right.collect()]);
    expect(both.map(({ chunks }) => chunks.length)).toEqual([2, 2]);
    expect(await right.http).toMatchObject({ statusCode: 201 });
  });

  test('gives its payload, markers included, in pieces or whole, with the same verdict at the end', async () => {
    const door = await startDoor(answer);
    const cut = await startDoor({ ...answer, pieces: answer.pieces.slice(0, 2) });
    const open = ({ url }: typeof door) => streamFetcher(chat, { url, sign: 'none' }).invoke({ prompt: '' });
    const all = answer.pieces.join('');
    const pieces: Uint8Array[] = [];
    for await (const piece of (await open(door)).payload()) pieces.push(piece);
    expect(Buffer.concat(pieces).toString()).toBe(all);
    expect(Buffer.from(await (await open(door)).bytes()).toString()).toBe(all);
    expect(await (await open(door)).text()).toBe(all);
    for (const read of ['bytes', 'text'] as const) {
      expect(await failureOf((await open(cut))[read]())).toMatchObject({ code: 'TRUNCATED', chunks: 2 });
    }
  });

  test('can be passed on as a web response, with its markers', async () => {
    const door = await startDoor(answer);
    const stream = await streamFetcher(chat, { url: door.url, sign: 'none' }).invoke({ prompt: '' });
    const response = await stream.toResponse();
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(response.headers.has('transfer-encoding')).toBe(false);
    expect(await response.text()).toBe(answer.pieces.join(''));
  });
});

describe('what cannot be is refused before anything is sent', () => {
  const url = 'https://abc123.lambda-url.eu-west-1.on.aws/';
  const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'secret' };

  test.each([
    [{ url: 'chat', sign: 'none' }, /url must be an absolute http\(s\) address, got 'chat'/],
    [{ url: 'ftp://x/', sign: 'none' }, /url must begin with https:\/\/ or http:\/\//],
    [{ url: 'https://a:b@x/', sign: 'none' }, /must not contain a user name or password/],
    [{ url, sign: 'none', method: 'GET' }, /method must be POST, PUT or PATCH, got 'GET'/],
    [{ url, sign: 'none', timeouts: { idleMs: -1 } }, /timeouts\.idleMs must be milliseconds, 0 or more, got -1/],
    [{ url, sign: 'none', timeouts: { idleMs: '5s' } }, /timeouts\.idleMs must be milliseconds, 0 or more, got '5s'/],
    [{ url, sign: 'sigv4' }, /sign must be 'none', 'iam' or { credentials }, got 'sigv4'/],
    [{ url: 'https://d1.cloudfront.net/', sign: 'iam' }, /CloudFront signs what it sends.*pass sign: 'none'/],
    [
      { url: 'https://api.example.com/', sign: { credentials } },
      /region and service cannot be read from the host api.example.com/,
    ],
    [
      { url: 'https://api.example.com/', sign: { credentials, region: 'eu-west-1' } },
      /^\[CONFIG_INVALID\] service cannot be read/,
    ],
  ])('options %j', (options, message) => {
    const error = caught(() => streamFetcher(chat, options as never));
    expect(isStreamError(error, 'CONFIG_INVALID') && error.message).toMatch(message);
  });

  test.each<[unknown, object, RegExp, string?]>([
    [{ prompt: 1 }, {}, /prompt/, 'INPUT_INVALID'],
    [
      { prompt: '' },
      { timeouts: { totalMs: Number.NaN } },
      /timeouts\.totalMs must be milliseconds, 0 or more, got NaN/,
    ],
    [{ prompt: '' }, { headers: { Host: 'x' } }, /headers must not contain 'Host'/],
    [{ prompt: '' }, { headers: { authorization: 'x' } }, /must not contain 'authorization' when requests are signed/],
    [{ prompt: '' }, { headers: { 'x-a': 'ü' } }, /header 'x-a' must be a string of printable ASCII, got "ü"/],
    [{ prompt: '' }, { headers: { 'x a': '' } }, /'x a' cannot be the name of an HTTP header/],
  ])('a call with %j and %j', async (input, call, message, code = 'CONFIG_INVALID') => {
    const fetch = () => Promise.reject(new Error('nothing must be sent'));
    const fetcher = streamFetcher(chat, { url, sign: { credentials }, fetch });
    const error = await failureOf(fetcher.invoke(input as never, call));
    expect(error).toMatchObject({
      code,
      invoked: 'no',
      phase: 'input',
      message: expect.stringMatching(message),
    });
  });

  test('an input larger than Lambda accepts', async () => {
    const big = streamContract({ format: 'text' });
    const error = await failureOf(streamFetcher(big, { url, sign: 'none' }).invoke('x'.repeat(6_291_456)));
    expect(error).toMatchObject({ code: 'REQUEST_TOO_LARGE', invoked: 'no', limitBytes: 6_291_456 });
  });

  test('headers that cannot be had', async () => {
    const headers = () => Promise.reject(new Error('not signed in'));
    const error = await failureOf(streamFetcher(chat, { url, sign: 'none', headers }).invoke({ prompt: '' }));
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      invoked: 'no',
      message: expect.stringContaining('not signed in'),
    });
  });

  test.each([
    [() => Promise.reject(new Error('no profile')), /provider failed: no profile/],
    [async () => ({ accessKeyId: '', secretAccessKey: '' }), /lack accessKeyId or secretAccessKey/],
  ])('credentials that cannot be had', async (provider, message) => {
    const fetcher = streamFetcher(chat, { url, sign: { credentials: provider } });
    const error = await failureOf(fetcher.invoke({ prompt: '' }));
    expect(error).toMatchObject({
      code: 'ACCESS_DENIED',
      reason: 'credentials',
      invoked: 'no',
      message: expect.stringMatching(message),
    });
  });
});

function caught(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
