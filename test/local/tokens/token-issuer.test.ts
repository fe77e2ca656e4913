import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { startLocal } from 'cdk-lambda-streaming/local';
import { issuerOf, TokenIssuer } from '../../../src/local/tokens/token-issuer';

const ISSUER = 'https://issuer.example';
const parts = (token: string) => token.split('.').map((part) => Buffer.from(part, 'base64url').toString('utf8'));
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

const pairOf = () => generateKeyPairSync('rsa', { modulusLength: 2_048 });
const own = pairOf();
const other = pairOf();
const keysOf = ({ publicKey }: typeof own) => [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1' }];

/** As an identity provider elsewhere would sign it. */
function foreign(alg: string): string {
  const signed = `${encode({ alg, kid: 'k1' })}.${encode({ iss: ISSUER, exp: 4_102_444_800 })}`;
  const hash = `RSA-SHA${alg.slice(2)}`;
  return `${signed}.${sign(hash, Buffer.from(signed), own.privateKey).toString('base64url')}`;
}

test('a token is checked by anybody with the keys that the target serves', async () => {
  const local = await startLocal();
  try {
    const userPool = 'arn:aws:cognito-idp:eu-west-1:111111111111:userpool/eu-west-1_abc';
    const token = local.token({ userPool, clientId: 'c', claims: { email: 'a@example.com' } });
    const [head = '', payload = '', signature = ''] = token.split('.');
    const { keys } = (await (await fetch(`${local.endpoint}/.well-known/jwks.json`)).json()) as {
      keys: { kid: string; n: string; e: string; kty: string }[];
    };
    const { kid } = JSON.parse(parts(token)[0] ?? '') as { kid: string };
    const key = keys.find((each) => each.kid === kid);
    const isGood = (signed: string) =>
      verify(
        'RSA-SHA256',
        Buffer.from(signed),
        createPublicKey({ key: { ...key }, format: 'jwk' }),
        Buffer.from(signature, 'base64url'),
      );
    expect([isGood(`${head}.${payload}`), isGood(`${head}.${payload}x`)]).toEqual([true, false]);
    expect(JSON.parse(parts(token)[1] ?? '')).toMatchObject({
      iss: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc',
      aud: 'c',
      token_use: 'id',
      email: 'a@example.com',
    });
    expect(() => local.token({})).toThrow('token() needs either a userPool or an issuer, got {}');
    expect(() => local.token({ issuer: ISSUER, claims: { big: 1n } })).toThrow(
      'claims must be an object that JSON can hold',
    );
    expect(() => local.token({ userPool: 'pool' })).toThrow(
      "userPool must be the id or the ARN of a user pool: 'eu-west-1_abc', got 'pool'",
    );
  } finally {
    await local.stop();
  }
});

test.each(['RS256', 'RS384', 'RS512'])(
  'an issuer whose keys are given signs its own tokens with %s, and the target none',
  (alg) => {
    const token = foreign(alg);
    const tokens = new TokenIssuer({ [ISSUER]: { keys: keysOf(own) } });
    expect(tokens.check(token, [ISSUER])).toMatchObject({ iss: ISSUER });
    expect(tokens.check(tokens.issue({ issuer: ISSUER }), [ISSUER])).toMatch(/its issuer has no key '/);
    expect(new TokenIssuer({ [ISSUER]: { keys: keysOf(other) } }).check(token, [ISSUER])).toBe(
      'its signature is wrong',
    );
  },
);

test.each([
  ['without a signature', `${encode({ alg: 'none' })}.${encode({ iss: ISSUER })}.`, 'it is no JSON Web Token'],
  ['signed by nobody', `${encode({ alg: 'none' })}.${encode({ iss: ISSUER })}.AA`, "it is signed with 'none'"],
  ['signed by a secret', `${encode({ alg: 'HS256' })}.${encode({ iss: ISSUER })}.AA`, "it is signed with 'HS256'"],
  ['of four parts', 'e30.e30.AA.AA', 'it is no JSON Web Token'],
])('a token %s is refused', (_which, token, problem) => {
  expect(new TokenIssuer({}).check(token, [ISSUER])).toContain(problem);
});

test('a token with a changed claim, or whose time has not come, is refused', () => {
  const tokens = new TokenIssuer({});
  const [head, payload = '', signature] = tokens.issue({ issuer: ISSUER }).split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  expect(tokens.check(`${head}.${encode({ ...claims, admin: true })}.${signature}`, [ISSUER])).toBe(
    'its signature is wrong',
  );
  const iat = Math.ceil(Date.now() / 1_000) + 60;
  expect(tokens.check(tokens.issue({ issuer: ISSUER, claims: { iat } }), [ISSUER])).toBe('it was issued in the future');
  expect(tokens.check(tokens.issue({ issuer: ISSUER, claims: { exp: undefined } }), [ISSUER])).toBe('it has expired');
});

test('the issuer of a user pool is that of its region', () => {
  expect(['eu-west-1_a', 'arn:aws-cn:cognito-idp:cn-north-1:1:userpool/cn-north-1_b'].map(issuerOf)).toEqual([
    'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a',
    'https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_b',
  ]);
});

test('a token whose parts are not of the form of a JSON Web Token lets nobody in', () => {
  const tokens = new TokenIssuer({});
  const issue = (claims: object) => tokens.issue({ issuer: ISSUER, claims: { ...claims } });
  const check = (token: string) => tokens.check(token, [ISSUER]);
  expect(check(issue({ nbf: 1 }))).toMatchObject({ iss: ISSUER });
  expect(check(issue({ iss: [ISSUER] }))).toMatch(/its issuer is '\["https/);
  expect(check(issue({ nbf: 'x' }))).toBe('it is not valid yet');
  expect(check(`${issue({})}==`)).toBe('it is no JSON Web Token');
});
