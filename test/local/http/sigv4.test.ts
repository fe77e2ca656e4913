import { createHash } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { signRequest } from '../../../src/fetcher/sigv4/sign-request';
import { canonicalRequest } from '../../../src/local/http/canonical-request';
import type { SignedRequest } from '../../../src/local/http/request-signature';
import { type CallerCredentials, createAuthenticator, signatureOf } from '../../../src/local/http/sigv4';
import vectors from '../../vectors/sigv4/published.json';
import { Sha256 } from './sign-request';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const KEY = 'AKIAEXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const CALLER: CallerCredentials = {
  secretAccessKey: SECRET,
  principal: { kind: 'administrator', arn: 'arn:aws:iam::111111111111:role/Caller', account: '111111111111' } as const,
};

interface Plain {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string | string[]>;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const PLAIN: Plain = {
  method: 'POST',
  path: '/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A111111111111%3Afunction%3Achat/invocations',
  query: { Qualifier: 'live' },
  headers: { host: '127.0.0.1:4000', 'content-type': 'application/octet-stream' },
  body: '{"prompt":"héllo"}',
};

interface Signing {
  readonly service?: string;
  readonly sessionToken?: string;
  readonly secret?: string;
  readonly presign?: number;
}

async function sign(
  plain: Plain,
  { service = 'lambda', sessionToken, secret = SECRET, presign }: Signing = {},
): Promise<SignedRequest> {
  const signer = new SignatureV4({
    credentials: { accessKeyId: KEY, secretAccessKey: secret, sessionToken },
    region: 'eu-west-1',
    service,
    sha256: Sha256,
    uriEscapePath: service !== 's3',
  });
  const request = { ...plain, protocol: 'http:', hostname: '127.0.0.1', port: 4000 };
  const signed =
    presign === undefined
      ? await signer.sign(request, { signingDate: new Date(NOW) })
      : await signer.presign(request, { signingDate: new Date(NOW), expiresIn: presign });
  return {
    method: plain.method,
    url: urlOf(signed.path, signed.query ?? {}),
    headers: signed.headers,
    body: Buffer.from(plain.body),
  };
}

function escapeText(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** As the SDK's HTTP handler writes the request line. */
function urlOf(path: string, query: Record<string, string | string[] | null>): string {
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    [value ?? ''].flat().map((one) => `${escapeText(key)}=${escapeText(one)}`),
  );
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

const authenticatorAt = (now: number, caller: CallerCredentials | undefined = CALLER) =>
  createAuthenticator((key) => (key === KEY ? caller : undefined), { now: () => now });
const authenticate = authenticatorAt(NOW);

function refusal(result: ReturnType<typeof authenticate>): string {
  if (result.authenticated) throw new Error('expected a refusal');
  return `${result.error.statusCode} ${result.error.type}: ${result.error.message}`;
}

test('accepts what the SDK signs', async () => {
  expect(authenticate(await sign(PLAIN), 'lambda')).toEqual({
    authenticated: true,
    accessKeyId: KEY,
    region: 'eu-west-1',
    service: 'lambda',
    credentials: { ...CALLER, context: expect.objectContaining({ 'aws:RequestedRegion': 'eu-west-1' }) },
  });
});

test.each(['lambda', 'sts', 'ssm', 'cloudformation', 's3'])(
  'accepts any request the SDK signs for %s',
  async (service) => {
    const name = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' });
    const text = fc.string({ maxLength: 12, unit: 'grapheme' });
    const odd = service === 's3' ? [] : ['', '.', '..']; // S3 alone has objects of such names
    const segment = fc.oneof(
      fc.string({ minLength: 1, maxLength: 8 }).filter((part) => part !== '.' && part !== '..'),
      ...odd.map((text) => fc.constant(text)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(segment, { maxLength: 4 }),
        fc.dictionary(name, fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 })), {
          maxKeys: 4,
          noNullPrototype: true,
        }),
        fc.string({ maxLength: 20 }),
        text,
        async (segments, query, headerValue, body) => {
          const value = headerValue.replace(/[^\x20-\x7e]/g, '');
          const path = `/${segments.map(escapeText).join('/')}`;
          const headers = { host: '127.0.0.1:4000', 'x-amz-meta-value': value };
          const request = await sign({ method: 'PUT', path, query, headers, body }, { service });
          expect(authenticate(request, service).authenticated).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  },
);

test.each(['//', '/a//b', '/a/./b', '/a/../b', '/a/b/', '/a/b//', '/../a', '/a/..', '/a%2F%2Fb/..%2F', '/a/.', '//a'])(
  'accepts the path %s from the SDK and from our own signer, and no other path under its signature',
  async (path) => {
    const plain = { ...PLAIN, path, query: {} };
    const bySdk = await sign(plain);
    expect(authenticate(bySdk, 'lambda').authenticated).toBe(true);
    expect(refusal(authenticate({ ...bySdk, url: `${path}x` }, 'lambda'))).toMatch(/^403 InvalidSignatureException/);

    const url = new URL(`http://127.0.0.1:4000${path}`);
    const headers = await signRequest(
      { method: 'POST', url, headers: { 'content-type': 'text/plain' } },
      createHash('sha256').update(plain.body).digest('hex'),
      { accessKeyId: KEY, secretAccessKey: SECRET },
      { region: 'eu-west-1', service: 'lambda' },
      new Date(NOW),
    );
    const request = { method: 'POST', url: url.pathname, headers: { ...headers, host: url.host }, body: bySdk.body };
    expect(authenticate(request, 'lambda').authenticated).toBe(true);
  },
);

test('takes the path of S3 as it is', async () => {
  const signed = await sign({ ...PLAIN, path: '/bucket//a/../b', query: {} }, { service: 's3' });
  expect(authenticate(signed, 's3').authenticated).toBe(true);
  expect(refusal(authenticate({ ...signed, url: '/bucket/b' }, 's3'))).toMatch(/^403 InvalidSignatureException/);
});

test('refuses a request that was changed in any single place', async () => {
  const signed = await sign(PLAIN);
  const changed: Record<string, SignedRequest> = {
    method: { ...signed, method: 'PUT' },
    path: { ...signed, url: signed.url.replace('chat', 'chats') },
    query: { ...signed, url: signed.url.replace('live', 'dead') },
    'more query': { ...signed, url: `${signed.url}&x=` },
    header: { ...signed, headers: { ...signed.headers, 'content-type': 'text/plain' } },
    host: { ...signed, headers: { ...signed.headers, host: '127.0.0.1:4001' } },
    body: { ...signed, body: Buffer.from('{}') },
    'body and its declared hash': {
      ...signed,
      body: Buffer.from('{}'),
      headers: { ...signed.headers, 'x-amz-content-sha256': createHash('sha256').update('{}').digest('hex') },
    },
    'unsigned payload': { ...signed, headers: { ...signed.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } },
  };
  for (const [place, request] of Object.entries(changed)) {
    expect([place, refusal(authenticate(request, 'lambda'))]).toEqual([
      place,
      expect.stringMatching(/^403 InvalidSignatureException: The request signature we calculated does not match/),
    ]);
  }
});

test.each([
  ['lambda', 'x-amz-invocation-type', "InvalidSignatureException: 'x-amz-invocation-type' must be a 'SignedHeader'"],
  ['ssm', 'x-amz-target', "InvalidSignatureException: 'x-amz-target' must be a 'SignedHeader'"],
  ['s3', 'x-amz-copy-source', 'AccessDenied: There were headers present in the request which were not signed'],
])(
  'refuses a header that means something to %s and was added behind the signature: %s',
  async (service, name, words) => {
    for (const presign of [undefined, 60]) {
      const payload: Record<string, string> = service === 's3' ? { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } : {};
      const plain = { ...PLAIN, path: '/b/k', query: {}, headers: { ...PLAIN.headers, ...payload }, body: '' };
      const signed = await sign(plain, { service, presign });
      const added = { ...signed, headers: { ...signed.headers, [name]: 'value' } };
      expect(refusal(authenticate(added, service))).toContain(`403 ${words}`);
      const others = { 'x-amzn-trace-id': 'Root=1', 'user-agent': 'x', 'x-forwarded-for': '1.2.3.4' };
      expect(authenticate({ ...signed, headers: { ...signed.headers, ...others } }, service).authenticated).toBe(true);
      const own = await sign({ ...PLAIN, headers: { ...PLAIN.headers, [name]: 'value' } }, { service });
      expect(authenticate(own, service).authenticated).toBe(true);
    }
  },
);

test('refuses a wrong secret, an unknown key and no signature at all', async () => {
  expect(refusal(authenticate(await sign(PLAIN, { secret: 'other' }), 'lambda'))).toMatch(
    /^403 InvalidSignatureException/,
  );
  const unknown = createAuthenticator(() => undefined, { now: () => NOW });
  expect(refusal(unknown(await sign(PLAIN), 'lambda'))).toBe(
    '403 UnrecognizedClientException: The security token included in the request is invalid.',
  );
  const unsigned = { method: 'GET', url: '/', headers: { host: 'x' }, body: Buffer.alloc(0) };
  expect(refusal(authenticate(unsigned, 'lambda'))).toBe(
    '403 MissingAuthenticationTokenException: Missing Authentication Token',
  );
});

test('reads no signature out of an odd path', () => {
  const odd = { method: 'GET', url: '//', headers: { host: 'x' }, body: Buffer.alloc(0) };
  expect(refusal(authenticate(odd, 'lambda'))).toMatch(/MissingAuthenticationTokenException/);
});

test('compares the session token of temporary credentials', async () => {
  const temporary = authenticatorAt(NOW, { ...CALLER, sessionToken: 'token', expiresAt: NOW + 1 });
  expect(temporary(await sign(PLAIN, { sessionToken: 'token' }), 'lambda').authenticated).toBe(true);
  expect(refusal(temporary(await sign(PLAIN), 'lambda'))).toMatch(/UnrecognizedClientException/);
  expect(refusal(temporary(await sign(PLAIN, { sessionToken: 'other' }), 'lambda'))).toMatch(
    /UnrecognizedClientException/,
  );
  expect(refusal(authenticate(await sign(PLAIN, { sessionToken: 'token' }), 'lambda'))).toMatch(
    /UnrecognizedClientException/,
  );
});

test('refuses expired credentials', async () => {
  const expired = authenticatorAt(NOW, { ...CALLER, expiresAt: NOW });
  expect(refusal(expired(await sign(PLAIN), 'lambda'))).toBe(
    '403 ExpiredTokenException: The security token included in the request is expired',
  );
});

test('allows five minutes of skew in both directions', async () => {
  const signed = await sign(PLAIN);
  const minutes = (count: number) => NOW + count * 60_000;
  expect(authenticatorAt(minutes(5))(signed, 'lambda').authenticated).toBe(true);
  expect(authenticatorAt(minutes(-5))(signed, 'lambda').authenticated).toBe(true);
  expect(refusal(authenticatorAt(minutes(5) + 1_000)(signed, 'lambda'))).toBe(
    '403 InvalidSignatureException: Signature expired: 20261122T120000Z is now earlier than 20261122T120001Z (20261122T120501Z - 5 min.)',
  );
  expect(refusal(authenticatorAt(minutes(-5) - 1_000)(signed, 'lambda'))).toMatch(
    /Signature not yet current: 20261122T120000Z is still later than 20261122T115959Z \(20261122T115459Z \+ 5 min\.\)/,
  );
});

test('refuses a signature for another service or day', async () => {
  expect(refusal(authenticate(await sign(PLAIN, { service: 'sts' }), 'lambda'))).toBe(
    "403 InvalidSignatureException: Credential should be scoped to correct service: 'lambda'.",
  );
  const signed = await sign(PLAIN);
  const authorization = String(signed.headers.authorization).replace('/20261122/', '/20261121/');
  const moved = { ...signed, headers: { ...signed.headers, authorization } };
  expect(refusal(authenticate(moved, 'lambda'))).toMatch(/Date in Credential scope does not match/);
});

test('accepts a presigned URL until it expires', async () => {
  const signed = await sign({ ...PLAIN, body: '' }, { presign: 60, sessionToken: 'token' });
  const lookup = { ...CALLER, sessionToken: 'token' };
  expect(signed.url).toContain('X-Amz-Signature=');
  expect(authenticatorAt(NOW + 60_000, lookup)(signed, 'lambda').authenticated).toBe(true);
  expect(refusal(authenticatorAt(NOW + 61_000, lookup)(signed, 'lambda'))).toMatch(/Signature expired/);
});

test.each([
  [
    'another algorithm',
    'AWS4-ECDSA-P256-SHA256 Credential=a/b/c/d/aws4_request',
    /Authorization must use AWS4-HMAC-SHA256, got 'AWS4-ECDSA/,
  ],
  ['no credential', 'AWS4-HMAC-SHA256 SignedHeaders=host, Signature=00', /Credential must read .*, got ''/],
  [
    'a short scope',
    'AWS4-HMAC-SHA256 Credential=AKIA/20261122/eu-west-1, SignedHeaders=host, Signature=00',
    /Credential must read/,
  ],
  [
    'no host',
    'AWS4-HMAC-SHA256 Credential=A/20261122/eu-west-1/lambda/aws4_request, SignedHeaders=x-amz-date, Signature=00',
    /must contain 'host'/,
  ],
  [
    'a bad signature',
    'AWS4-HMAC-SHA256 Credential=A/20261122/eu-west-1/lambda/aws4_request, SignedHeaders=host, Signature=zz',
    /64 hexadecimal digits/,
  ],
  [
    'no time',
    `AWS4-HMAC-SHA256 Credential=A/20261122/eu-west-1/lambda/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
    /X-Amz-Date/,
  ],
])('explains a malformed signature: %s', (_, authorization, message) => {
  const request = { method: 'GET', url: '/', headers: { host: 'x', authorization }, body: Buffer.alloc(0) };
  expect(refusal(authenticate(request, 'lambda'))).toMatch(message);
  expect(refusal(authenticate(request, 'lambda'))).toMatch(/^400 IncompleteSignatureException/);
});

test.each(vectors.cases)('agrees with the published example: $name', ({ request, service, now }) => {
  const { accessKeyId, secretAccessKey } = vectors;
  const lookup = (key: string) => (key === accessKeyId ? { ...CALLER, secretAccessKey } : undefined);
  const signed = { ...request, body: Buffer.from(request.body) };
  expect(createAuthenticator(lookup, { now: () => Date.parse(now) })(signed, service)).toMatchObject({
    authenticated: true,
  });
});

describe('a time that no calendar has', () => {
  /** Signs with a time and a day of any text, as only somebody who has the key can. */
  function signAt(time: string, day: string): SignedRequest {
    const scope = { accessKeyId: KEY, day, region: 'eu-west-1', service: 'lambda', time };
    const headers = { ...PLAIN.headers, 'x-amz-date': time };
    const request = { method: 'POST', url: '/', headers, body: Buffer.from('') };
    const parts = {
      ...scope,
      signedHeaders: ['host'],
      signature: '',
      sessionToken: undefined,
      expiresSeconds: undefined,
    };
    const hash = createHash('sha256').update('').digest('hex');
    const signature = signatureOf(canonicalRequest(request, parts, hash), SECRET, scope).toString('hex');
    const credential = `Credential=${KEY}/${day}/eu-west-1/lambda/aws4_request`;
    const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=${signature}`;
    return { ...request, headers: { ...headers, authorization } };
  }

  test('is refused, for it would never expire', () => {
    expect(authenticate(signAt('20261122T120000Z', '20261122'), 'lambda').authenticated).toBe(true);
    for (const time of ['20261322T120000Z', '20261122T250000Z', '20261122T126000Z', '99999999T999999Z']) {
      expect(refusal(authenticate(signAt(time, time.slice(0, 8)), 'lambda'))).toMatch(
        new RegExp(`^400 IncompleteSignatureException: .*X-Amz-Date .*, got '${time}'$`),
      );
    }
  });

  test('is refused as half a day of the scope as well', () => {
    expect(refusal(authenticate(signAt('20261122T120000Z', '2026'), 'lambda'))).toMatch(
      /^403 InvalidSignatureException: Date in Credential scope does not match/,
    );
  });
});
