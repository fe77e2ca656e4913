import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { signRequest } from '../../../src/fetcher/sigv4/sign-request';
import { createAuthenticator } from '../../../src/local/http/sigv4';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const now = new Date('2015-08-30T12:36:00Z');
const scope = { region: 'us-east-1', service: 'service' };

/** The digests the SDK's signer asks for, by Node.js: another implementation than the one under test. */
class NodeDigest {
  private readonly hash: Hash | Hmac;
  public constructor(secret?: unknown) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as string | Uint8Array);
  }
  public update(data: string | Uint8Array): void {
    this.hash.update(data);
  }
  public async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }
  public reset(): void {
    // one use per instance
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What the AWS SDK's signer makes of the same request. */
async function signedBySdk(request: Request, payloadHash: string, sessionToken?: string): Promise<string | undefined> {
  const signer = new SignatureV4({
    credentials: { ...credentials, sessionToken },
    ...scope,
    applyChecksum: false,
    sha256: NodeDigest as never,
  });
  const query: Record<string, string | string[]> = {};
  for (const [name, value] of request.url.searchParams) {
    const before = query[name];
    query[name] = before === undefined ? value : [before, value].flat();
  }
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: 'https:',
      hostname: request.url.hostname,
      path: request.url.pathname,
      query,
      headers: { ...request.headers, host: request.url.host, 'x-amz-content-sha256': payloadHash },
    },
    { signingDate: now },
  );
  return signed.headers['authorization'];
}

interface Request {
  readonly method: string;
  readonly url: URL;
  readonly headers: Record<string, string>;
}

/** Signatures as published in AWS's Signature Version 4 test suite. */
test.each([
  [
    'get-vanilla',
    'https://example.amazonaws.com/',
    {},
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  ],
  [
    'get-vanilla-query-order-key-case',
    'https://example.amazonaws.com/?Param2=value2&Param1=value1',
    {},
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'get-vanilla-query-unreserved',
    'https://example.amazonaws.com/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
    {},
    '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
  ],
  [
    'get-unreserved',
    'https://example.amazonaws.com/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
    {},
    '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
  ],
  [
    'get-header-value-trim',
    'https://example.amazonaws.com/',
    { 'My-Header1': ' value1', 'My-Header2': ' "a   b   c"' },
    'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  ],
  [
    'get-vanilla-empty-query-key',
    'https://example.amazonaws.com/?Param1=value1',
    {},
    'a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb',
  ],
  [
    'normalize-path/get-slashes',
    'https://example.amazonaws.com//example//',
    {},
    '9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84',
  ],
  [
    'normalize-path/get-relative-relative',
    'https://example.amazonaws.com/example1/example2/../..',
    {},
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  ],
  [
    'post-vanilla',
    'https://example.amazonaws.com/',
    {},
    '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  ],
  [
    'post-header-key-sort',
    'https://example.amazonaws.com/',
    { 'My-Header1': 'value1' },
    'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
  ],
])('signs %s as AWS publishes it', async (name, url, headers, signature) => {
  const method = name.startsWith('post') ? 'POST' : 'GET';
  const signed = await signRequest({ method, url: new URL(url), headers }, sha256(''), credentials, scope, now);
  expect(signed['authorization']).toMatch(new RegExp(`Signature=${signature}$`));
});

test('signs as the AWS SDK does, whatever the path, query, headers and body', async () => {
  const segment = fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => encodeURIComponent(text));
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/).map((text) => `x-${text}`);
  const value = fc.stringMatching(/^[!-~]([ -~]{0,12}[!-~])?$/);
  const requests = fc.record({
    path: fc.array(
      segment.filter((text) => text !== '' && text !== '.' && text !== '..'),
      { maxLength: 4 },
    ),
    slash: fc.boolean(),
    query: fc.uniqueArray(
      fc.tuple(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }),
        fc.string({ unit: 'grapheme', maxLength: 6 }),
      ),
      {
        maxLength: 4,
        selector: ([key]) => key,
      },
    ),
    headers: fc.dictionary(name, value, { maxKeys: 3 }),
    body: fc.string({ unit: 'grapheme', maxLength: 40 }),
    sessionToken: fc.option(fc.stringMatching(/^[A-Za-z0-9+/=]{1,20}$/), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(requests, async ({ path, slash, query, headers, body, sessionToken }) => {
      const search = query.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
      const url = new URL(
        `https://a1b2.lambda-url.us-east-1.on.aws/${path.join('/')}${slash && path.length > 0 ? '/' : ''}?${search}`,
      );
      const hash = sha256(body);
      const request = { method: 'POST', url, headers };
      const all = { ...headers, 'x-amz-content-sha256': hash };
      const ours = await signRequest({ ...request, headers: all }, hash, { ...credentials, sessionToken }, scope, now);
      expect(ours['authorization']).toBe(await signedBySdk(request, hash, sessionToken));
    }),
    { numRuns: 150 },
  );
});

describe('against a verifier', () => {
  const body = Buffer.from('{"prompt":"hällo"}');
  const hash = createHash('sha256').update(body).digest('hex');
  const url = new URL('https://a1b2.lambda-url.us-east-1.on.aws/chat/%C3%A4?b=2&a=1%202');
  const lambda = { region: 'us-east-1', service: 'lambda' };
  const known = {
    ...credentials,
    sessionToken: 'token/with+signs=',
    principal: {
      kind: 'administrator',
      arn: 'arn:aws:iam::111111111111:role/Caller',
      account: '111111111111',
    } as const,
  };
  const authenticate = createAuthenticator((key) => (key === known.accessKeyId ? known : undefined), {
    now: () => now.getTime(),
  } as never);

  async function verdict(change: (headers: Record<string, string>) => void, sentBody: Uint8Array = body) {
    const request = {
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', 'x-amz-content-sha256': hash },
    };
    const headers = await signRequest(request, hash, known, lambda, now);
    change(headers);
    const sent = {
      method: 'POST',
      url: url.pathname + url.search,
      headers: { ...headers, host: url.host },
      body: sentBody,
    };
    return authenticate(sent, 'lambda').authenticated;
  }

  test('a signed request is accepted', async () => {
    expect(await verdict(() => undefined)).toBe(true);
  });

  test('headers a proxy may change are not signed', async () => {
    expect(
      await verdict((headers) => Object.assign(headers, { 'user-agent': 'other', 'sec-fetch-mode': 'cors' })),
    ).toBe(true);
  });

  test('a changed body, header, token or hash is refused', async () => {
    expect(await verdict(() => undefined, Buffer.from('{}'))).toBe(false);
    expect(await verdict((headers) => Object.assign(headers, { 'content-type': 'text/plain' }))).toBe(false);
    expect(await verdict((headers) => Object.assign(headers, { 'x-amz-security-token': 'other' }))).toBe(false);
    expect(await verdict((headers) => Object.assign(headers, { 'x-amz-content-sha256': '0'.repeat(64) }))).toBe(false);
  });
});
