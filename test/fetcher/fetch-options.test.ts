/** What callers from JavaScript, or past the types, pass: refused in their words, before anything is sent. */
import { streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { chat, END, line, NDJSON } from './support/contracts';
import { failureOf, useDoors } from './support/door-server';

const startDoor = useDoors();
const url = 'https://abc123.lambda-url.eu-west-1.on.aws/';

function make(options: unknown, contract: unknown = chat): unknown {
  try {
    return streamFetcher(contract as typeof chat, options as never);
  } catch (error) {
    return error;
  }
}

test.each<[unknown, string]>([
  [undefined, 'the options must be an object, got undefined'],
  [{ url, sign: 'none', timeout: 5 }, "there is no option 'timeout'; did you mean 'timeouts'?"],
  [{ url, sign: 'none', timeouts: null }, 'timeouts must be an object, got null'],
  [{ url, sign: 'none', timeouts: { connectMs: 5 } }, "there is no option 'timeouts.connectMs'; there are headersMs"],
  [{ url, sign: 'none', method: 'GET' }, "method must be POST, PUT or PATCH, got 'GET'"],
  [{ url, sign: 'none', headers: null }, 'headers must be an object of names and values, or a function that gives one'],
  [{ url, sign: 'none', contentTypes: 'text/plain' }, "contentTypes must be an array of media types, got 'text/plain'"],
  [{ url, sign: 'none', contentSha256: 1 }, 'contentSha256 must be true or false, got 1'],
  [{ url, sign: 'none', retry: 3 }, 'retry must be false or an object'],
  [{ url, sign: 'none', retry: { maxAttempts: Number.NaN } }, 'retry.maxAttempts must be a whole number, 1 or more'],
  [{ url, sign: 'none', fetch: 'node-fetch' }, "fetch must be a function, got 'node-fetch'"],
  [{ url, sign: 'none', validate: 'no' }, "validate must be true or false, got 'no'"],
])('a fetcher with %j is refused: %s', (options, words) => {
  const message = expect.stringContaining(`streamFetcher: ${words}`);
  expect(make(options)).toMatchObject({ code: 'CONFIG_INVALID', phase: 'input', invoked: 'no', message });
});

test('a fetcher without a contract is refused', () => {
  const message = expect.stringContaining('the contract must be one that streamContract() made, got undefined');
  expect(make({ url, sign: 'none' }, null)).toMatchObject({ code: 'CONFIG_INVALID' });
  expect(() => streamFetcher(undefined as never, { url, sign: 'none' })).toThrow(expect.objectContaining({ message }));
});

test.each<[unknown, string]>([
  [null, 'the options must be an object, got null'],
  [{ signal: {} }, 'signal must be an AbortSignal, got {}'],
  [{ retry: false }, "there is no option 'retry'; there are signal, headers, timeouts"],
  [{ headers: 'x: y' }, "headers must be an object of names and values, got 'x: y'"],
])('a call with %j is refused: %s', async (call, words) => {
  const fetch = () => Promise.reject(new Error('nothing must be sent'));
  const error = await failureOf(
    streamFetcher(chat, { url, sign: 'none', fetch }).invoke({ prompt: '' }, call as never),
  );
  expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(`invoke(): ${words}`) });
});

describe('headers', () => {
  const answer = { headers: NDJSON, pieces: [line({ token: 'a' }), line({ token: 'b' }), END] };

  test.each([
    ['a Headers object', () => new Headers({ 'X-A': '1' })],
    ['a Map', () => new Map([['X-A', '1']])],
    ['pairs', () => [['X-A', '1']] as const],
  ])('are taken from %s: of the fetcher, of a function and of a call', async (_, headers) => {
    const door = await startDoor(answer);
    const options = { url: door.url, sign: 'none' } as const;
    await (await streamFetcher(chat, { ...options, headers: headers() }).invoke({ prompt: '' })).collect();
    await (await streamFetcher(chat, { ...options, headers }).invoke({ prompt: '' })).collect();
    await (await streamFetcher(chat, options).invoke({ prompt: '' }, { headers: headers() })).collect();
    expect(door.requests.map((request) => request.headers['x-a'])).toEqual(['1', '1', '1']);
  });

  test.each([undefined, null, 'x: y'])('a function that gives %j instead of them is refused', async (given) => {
    const fetcher = streamFetcher(chat, { url, sign: 'none', headers: () => given as never });
    expect(await failureOf(fetcher.invoke({ prompt: '' }))).toMatchObject({
      code: 'CONFIG_INVALID',
      invoked: 'no',
      message: expect.stringContaining('the function headers must give an object of names and values'),
    });
  });
});

test.each([undefined, null, {}, 'text'])(
  'a fetch that gives %j instead of a response is told as such',
  async (given) => {
    const fetcher = streamFetcher(chat, { url, sign: 'none', fetch: (async () => given) as never });
    expect(await failureOf(fetcher.invoke({ prompt: '' }))).toMatchObject({
      code: 'CONFIG_INVALID',
      phase: 'request',
      invoked: 'maybe',
      message: expect.stringContaining('fetch must give a Response, got '),
    });
  },
);
