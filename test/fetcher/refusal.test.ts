import { streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { chat, END, file, line, NDJSON, prose } from './support/contracts';
import { type Answer, failureOf, useDoors } from './support/door-server';

const startDoor = useDoors();
const A = line({ token: 'a' });
const JSON_TYPE = { 'content-type': 'application/json', 'x-amzn-requestid': 'request-2' };

async function refusalOf(answer: Answer, contract: typeof chat | typeof prose | typeof file = chat) {
  const door = await startDoor(answer);
  const error = await failureOf(
    streamFetcher(contract, { url: door.url, sign: 'none', retry: false }).invoke({ prompt: '' }),
  );
  expect(door.requests).toHaveLength(1);
  return error;
}

const WHO =
  'User: arn:aws:sts::222222222222:assumed-role/Caller/s is not authorized to perform: lambda:InvokeFunctionUrl on resource: arn:aws:lambda:eu-west-1:111111111111:function:chat:live';

describe('a refusal of the door', () => {
  test.each([
    [
      'a function URL without a permission',
      {
        status: 403,
        headers: { ...JSON_TYPE, 'x-amzn-errortype': 'AccessDeniedException' },
        pieces: ['{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: x"}'],
      },
      {
        code: 'ACCESS_DENIED',
        reason: 'unknown',
        invoked: 'no',
        requestId: 'request-2',
        message: expect.stringContaining('AccessDeniedException: Forbidden.'),
      },
    ],
    [
      'a page that cannot see the header',
      { status: 403, headers: JSON_TYPE, pieces: ['{"Message":"Forbidden. For troubleshooting"}'] },
      { code: 'ACCESS_DENIED', invoked: 'no' },
    ],
    [
      'a policy that names who, what and why',
      {
        status: 403,
        headers: { ...JSON_TYPE, 'x-amzn-errortype': 'AccessDeniedException:http://internal/' },
        pieces: [`{"Message":"${WHO} because no identity-based policy allows the lambda:InvokeFunctionUrl action"}`],
      },
      {
        code: 'ACCESS_DENIED',
        reason: 'implicit-identity',
        principal: 'arn:aws:sts::222222222222:assumed-role/Caller/s',
        action: 'lambda:InvokeFunctionUrl',
      },
    ],
    [
      'a wrong signature',
      {
        status: 403,
        headers: { ...JSON_TYPE, 'x-amzn-errortype': 'InvalidSignatureException' },
        pieces: ['{"message":"The request signature we calculated does not match"}'],
      },
      {
        code: 'ACCESS_DENIED',
        reason: 'credentials',
        invoked: 'no',
        retryable: false,
        message: expect.stringContaining('contentSha256: true'),
      },
    ],
    [
      'expired credentials, told by the words alone',
      {
        status: 403,
        headers: JSON_TYPE,
        pieces: ['{"message":"The security token included in the request is expired"}'],
      },
      { code: 'ACCESS_DENIED', reason: 'credentials' },
    ],
    [
      'an authorizer of API Gateway',
      {
        status: 401,
        headers: { ...JSON_TYPE, 'x-amzn-errortype': 'UnauthorizedException' },
        pieces: ['{"message":"Unauthorized"}'],
      },
      { code: 'ACCESS_DENIED', reason: 'credentials', invoked: 'no' },
    ],
    [
      'a path that API Gateway does not have',
      {
        status: 403,
        headers: { ...JSON_TYPE, 'x-amzn-errortype': 'MissingAuthenticationTokenException' },
        pieces: ['{"message":"Missing Authentication Token"}'],
      },
      { code: 'ACCESS_DENIED', message: expect.stringContaining('a path or method it does not have') },
    ],
    [
      'CloudFront, in XML',
      {
        status: 403,
        headers: { 'content-type': 'application/xml', 'x-amz-cf-id': 'cf-1' },
        pieces: ['<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'],
      },
      {
        code: 'ACCESS_DENIED',
        reason: 'unknown',
        invoked: 'maybe',
        requestId: 'cf-1',
        message: expect.stringContaining('AccessDenied: Access Denied'),
      },
    ],
    [
      'an unknown function',
      { status: 404, headers: { ...JSON_TYPE, 'x-amzn-errortype': 'ResourceNotFoundException' } },
      { code: 'NOT_FOUND', invoked: 'no' },
    ],
    [
      'a 404 that may be the function’s own',
      { status: 404, headers: { 'content-type': 'text/plain' }, pieces: ['no such room'] },
      { code: 'NOT_FOUND', invoked: 'maybe', message: expect.stringContaining('no such room') },
    ],
    [
      'a payload too large',
      { status: 413, headers: { ...JSON_TYPE, 'x-amzn-errortype': 'RequestEntityTooLargeException' } },
      { code: 'REQUEST_TOO_LARGE', invoked: 'no' },
    ],
    [
      'throttling',
      {
        status: 429,
        headers: { ...JSON_TYPE, 'retry-after': '2' },
        pieces: [
          '{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}',
        ],
      },
      {
        code: 'THROTTLED',
        reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
        retryAfterMs: 2_000,
        retryable: true,
        invoked: 'no',
      },
    ],
    [
      'throttling until a date that is over',
      { status: 429, headers: { ...JSON_TYPE, 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' } },
      { code: 'THROTTLED', retryAfterMs: 0 },
    ],
    [
      'throttling until a date',
      { status: 429, headers: { ...JSON_TYPE, 'retry-after': 'Fri, 01 Jan 2100 00:00:00 GMT' } },
      { code: 'THROTTLED', retryAfterMs: expect.any(Number) },
    ],
    [
      'a function that crashed before its response',
      { status: 502, headers: JSON_TYPE, pieces: ['Internal Server Error'] },
      {
        code: 'SERVICE',
        errorName: 'HTTP 502',
        statusCode: 502,
        invoked: 'maybe',
        retryable: true,
        message: expect.stringContaining('look at its log'),
      },
    ],
    [
      'an error page of CloudFront',
      {
        status: 504,
        headers: { 'content-type': 'text/html' },
        pieces: ['<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY>long</BODY></HTML>'],
      },
      {
        code: 'SERVICE',
        statusCode: 504,
        invoked: 'maybe',
        message: '[SERVICE] HTTP 504: ERROR: The request could not be satisfied',
      },
    ],
    [
      'a body that breaks',
      { status: 503, headers: JSON_TYPE, pieces: ['{"mess'], end: 'reset' as const },
      { code: 'SERVICE', statusCode: 503 },
    ],
    [
      'a bad request',
      {
        status: 400,
        headers: { ...JSON_TYPE, 'x-amzn-errortype': 'InvalidRequestContentException' },
        pieces: ['{"message":"no JSON"}'],
      },
      { code: 'SERVICE', errorName: 'InvalidRequestContentException', retryable: false, invoked: 'no' },
    ],
  ])('%s', async (_, answer, expected) => {
    expect(await refusalOf(answer)).toMatchObject({ phase: 'request', ...expected });
  });

  test('throttling is retried, because the function was surely not invoked', async () => {
    const door = await startDoor((exchange) =>
      exchange.answer(
        door.requests.length < 3
          ? { status: 429, headers: JSON_TYPE, pieces: ['{"Reason":"CallerRateLimitExceeded"}'] }
          : { headers: NDJSON, pieces: [line({ $stream: { end: { final: { tokens: 0 }, chunks: 0 } } })] },
      ),
    );
    const fetcher = streamFetcher(chat, { url: door.url, sign: 'none', retry: { baseDelayMs: 1 } });
    const { metrics } = await (await fetcher.invoke({ prompt: '' })).collect();
    expect(metrics.attempts).toBe(3);
  });

  test('a refusal without an end is not waited for, and an endless one is read in part', async () => {
    const silent = await startDoor((exchange) => exchange.answer({ status: 503, pieces: ['{'], end: 'never' }));
    const fetcher = streamFetcher(chat, { url: silent.url, sign: 'none' });
    expect(await failureOf(fetcher.invoke({ prompt: '' }))).toMatchObject({ code: 'SERVICE', statusCode: 503 });
    const endless = await startDoor((exchange) => {
      exchange.begin({ status: 500 });
      const write = (): void => {
        while (!exchange.socket.destroyed)
          if (!exchange.piece('x'.repeat(1_000))) return void exchange.socket.once('drain', write);
      };
      write();
    });
    expect(
      await failureOf(streamFetcher(chat, { url: endless.url, sign: 'none' }).invoke({ prompt: '' })),
    ).toMatchObject({ code: 'SERVICE' });
  });
});

describe('a refusal of a request without a signature', () => {
  const words = "an address with IAM authorization wants a signature, pass sign: 'iam'";
  const ofUrl = { ...JSON_TYPE, 'x-amzn-errortype': 'AccessDeniedException' };
  const pieces = ['{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: x"}'];

  test('says that the address wants one', async () => {
    expect(String(await refusalOf({ status: 403, headers: ofUrl, pieces }))).toContain(words);
  });

  test.each([
    ['behind CloudFront, which signs by itself', { ...ofUrl, 'x-amz-cf-id': 'cf-1' }, pieces],
    ['where the function itself may have refused', { 'content-type': 'text/plain' }, ['members only']],
  ])('does not say so %s', async (_, headers, body) => {
    const error = await refusalOf({ status: 403, headers, pieces: body });
    expect(error).toMatchObject({ code: 'ACCESS_DENIED' });
    expect(String(error)).not.toContain('wants a signature');
  });

  test.each([
    ['lambda', true],
    ['execute-api', false],
  ] as const)('nor where it was signed for %s; the grant is named for a function URL: %s', async (service, isNamed) => {
    const door = await startDoor({ status: 403, headers: ofUrl, pieces });
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
    const sign = { credentials, region: 'eu-west-1', service };
    const error = await failureOf(streamFetcher(chat, { url: door.url, sign, retry: false }).invoke({ prompt: '' }));
    expect(error).toMatchObject({ code: 'ACCESS_DENIED' });
    expect(String(error)).not.toContain('wants a signature');
    expect(String(error).includes('fn.streamGrants.invokeUrl(role)')).toBe(isNamed);
  });
});

describe('a status of 400 and above that the handler set', () => {
  test('its stream is read like any other where it has an end marker', async () => {
    const door = await startDoor({ status: 422, headers: NDJSON, pieces: [A, line({ token: 'b' }), END] });
    const stream = await streamFetcher(chat, { url: door.url, sign: 'none' }).invoke({ prompt: '' });
    expect(await stream.http).toMatchObject({ statusCode: 422 });
    expect((await stream.collect()).final).toEqual({ tokens: 2 });
  });

  test('a refusal of AWS is one in any content type', async () => {
    const headers = { ...NDJSON, 'x-amzn-errortype': 'AccessDeniedException' };
    expect(await refusalOf({ status: 403, headers, pieces: [A] })).toMatchObject({
      code: 'ACCESS_DENIED',
      invoked: 'no',
    });
  });

  test('without a marker it is an error: nothing tells a stream from an error page', async () => {
    const answer = { status: 422, headers: { 'content-type': 'text/plain' }, pieces: ['bad room'] };
    expect(await refusalOf(answer, prose)).toMatchObject({
      code: 'SERVICE',
      statusCode: 422,
      message: '[SERVICE] HTTP 422: bad room',
    });
    expect(await refusalOf({ ...answer, headers: {} }, file)).toMatchObject({ code: 'SERVICE', statusCode: 422 });
  });
});

describe('an answer that is not the stream', () => {
  test.each([
    ['text/html; charset=utf-8', chat],
    ['text/html', prose],
    ['application/json', chat],
  ])('%s with status 200 is refused with the beginning of what came', async (type, contract) => {
    const error = await refusalOf(
      { headers: { 'content-type': type }, pieces: ['<!doctype html>\n<title>Shop</title>'] },
      contract,
    );
    expect(error).toMatchObject({
      code: 'DECODE',
      kind: 'content-type',
      invoked: 'maybe',
      excerpt: '<!doctype html> <title>Shop</title>',
    });
  });

  test.each([
    ['application/octet-stream', 'as from a function that sets no type', undefined],
    ['application/jsonl', 'another name of the format', undefined],
    ['text/x-mine', 'as the option says', ['text/x-mine; charset=utf-8']],
  ])('%s is accepted, %s', async (type, _, contentTypes) => {
    const door = await startDoor({ headers: { 'content-type': type }, pieces: [A, line({ token: 'b' }), END] });
    const stream = await streamFetcher(chat, { url: door.url, sign: 'none', contentTypes }).invoke({ prompt: '' });
    expect((await stream.collect()).chunks).toHaveLength(2);
  });

  test('a redirect is not followed, signed or not', async () => {
    const other = await startDoor({ headers: NDJSON });
    const error = await refusalOf({ status: 301, headers: { location: other.url } });
    expect(error).toMatchObject({
      code: 'SERVICE',
      errorName: 'Redirect',
      statusCode: 301,
      invoked: 'maybe',
      message: expect.stringContaining(other.url),
    });
    expect(other.requests).toHaveLength(0);
  });
});

test('a page of another origin is told what to check where the browser hides the failure', async () => {
  const fetch = () => Promise.reject(new TypeError('Failed to fetch'));
  Object.defineProperty(globalThis, 'location', { value: new URL('https://app.example.com/page'), configurable: true });
  try {
    const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'secret' };
    const url = 'https://abc.lambda-url.eu-west-1.on.aws/';
    const error = await failureOf(
      streamFetcher(chat, { url, sign: { credentials }, fetch, retry: false }).invoke({ prompt: '' }),
    );
    const allow =
      'origin https://app.example.com, method POST and headers content-type, x-amz-content-sha256, x-amz-date, authorization';
    expect(error).toMatchObject({
      code: 'TRANSPORT',
      invoked: 'maybe',
      message: expect.stringContaining('Failed to fetch; '),
    });
    expect(error).toHaveProperty('message', expect.stringContaining('authorization'));
    for (const name of allow.split(/ and headers |, /))
      expect(error).toHaveProperty('message', expect.stringContaining(name));
    const same = streamFetcher(chat, { url: '/api', sign: 'none', fetch, retry: false });
    expect(await failureOf(same.invoke({ prompt: '' }))).toMatchObject({
      message: expect.not.stringContaining('CORS'),
    });
  } finally {
    Reflect.deleteProperty(globalThis, 'location');
  }
});
