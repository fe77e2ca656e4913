/**
 * Issues and checks JSON Web Tokens, for every issuer whose keys nobody gave: user pools and identity providers are not asked,
 * here or anywhere (https://datatracker.ietf.org/doc/html/rfc7519).
 */
import { createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign, verify } from 'node:crypto';
import { isObject } from '../../base/is-object';
import { systemClock } from '../clock';
import { ownMember } from '../own-member';

/** By what takes it: newer types of Node.js have no name for it in this module. */
type JsonWebKey = Extract<Parameters<typeof createPublicKey>[0], { readonly format: 'jwk' }>['key'] & {
  readonly kid?: string;
  readonly alg?: string;
  readonly use?: string;
};

/** As an issuer serves it at `jwks_uri`. https://datatracker.ietf.org/doc/html/rfc7517#section-5 */
export interface JsonWebKeySet {
  readonly keys: readonly JsonWebKey[];
}

/** What a token says, and in whose name. Either `userPool` or `issuer` is given. */
export interface TokenOptions {
  /** Id (`eu-west-1_abc`) or ARN of a Cognito user pool. */
  readonly userPool?: string;
  /** Any other issuer, as the authorizer of an HTTP API names it. */
  readonly issuer?: string;
  /** Of a user pool: an ID token tells who the user is, an access token what a client may do. @default 'id' */
  readonly use?: 'access' | 'id';
  /** Of the app client: `aud` of an ID token, `client_id` of an access token. @default - neither */
  readonly clientId?: string;
  /** Win over what the others say; `{ scope: 'a b' }`, `{ 'cognito:groups': ['admins'] }`. @default - none */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Seconds it is valid; a negative number makes one that has expired. @default 3600 */
  readonly expiresInSeconds?: number;
}

export type Claims = Readonly<Record<string, unknown>>;

const VALID_SECONDS = 3_600;
/** RSA alone, as in API Gateway. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  RS256: 'RSA-SHA256',
  RS384: 'RSA-SHA384',
  RS512: 'RSA-SHA512',
};
const KEY_BITS = 2_048;

export class TokenIssuer {
  private readonly keyId = randomUUID();
  /** Made when it is needed first: it takes a while. */
  private pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } | undefined;

  /** @param issuers the keys of issuers that are not played, by their names */
  public constructor(private readonly issuers: Readonly<Record<string, JsonWebKeySet>>) {}

  /** The keys that check what {@link issue} signs. */
  public get keys(): JsonWebKeySet {
    const jwk = this.keyPair.publicKey.export({ format: 'jwk' });
    return { keys: [{ ...jwk, kid: this.keyId, alg: 'RS256', use: 'sig' }] };
  }

  public issue({
    userPool,
    issuer = issuerOf(userPool ?? ''),
    use = 'id',
    clientId,
    claims = {},
    expiresInSeconds = VALID_SECONDS,
  }: TokenOptions): string {
    const now = Math.floor(systemClock.now() / 1_000);
    const client = clientId === undefined ? {} : use === 'id' ? { aud: clientId } : { client_id: clientId };
    const payload = {
      sub: randomUUID(),
      ...client,
      ...(userPool !== undefined && { token_use: use, auth_time: now }),
      iat: now,
      exp: now + expiresInSeconds,
      jti: randomUUID(),
      iss: issuer,
      ...claims,
    };
    const head = { alg: 'RS256', kid: this.keyId, typ: 'JWT' };
    const signed = [head, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const signature = sign('RSA-SHA256', Buffer.from(signed), this.keyPair.privateKey);
    return `${signed}.${signature.toString('base64url')}`;
  }

  /** The claims of a token that one of `issuers` signed and that is valid now; else what is wrong with it, in words. */
  public check(token: string, issuers: readonly string[]): Claims | string {
    const [head = '', payload = '', signature = '', ...rest] = token.split('.');
    const header = parse(head);
    const claims = parse(payload);
    if (header === undefined || claims === undefined || !/^[\w-]+$/.test(signature) || rest.length > 0)
      return 'it is no JSON Web Token';
    const algorithm = ownMember(ALGORITHMS, String(header['alg']));
    if (algorithm === undefined)
      return `it is signed with '${String(header['alg'])}' and not with RS256, RS384 or RS512`;
    const issuer = claims['iss'];
    if (typeof issuer !== 'string' || !issuers.includes(issuer))
      return `its issuer is '${typeof issuer === 'string' ? issuer : JSON.stringify(issuer)}' and not '${issuers.join("' or '")}'`;
    const key = this.keyOf(issuer, header['kid']);
    if (key === undefined) return `its issuer has no key '${String(header['kid'])}'`;
    if (!verify(algorithm, Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, 'base64url'))) {
      return 'its signature is wrong';
    }
    return wrongTime(claims, systemClock.now() / 1_000) ?? claims;
  }

  private keyOf(issuer: string, keyId: unknown): KeyObject | undefined {
    const given = this.issuers[issuer];
    if (given === undefined) return keyId === this.keyId ? this.keyPair.publicKey : undefined;
    const key = given.keys.find(({ kid }) => kid === keyId);
    return key && createPublicKey({ key, format: 'jwk' });
  }

  private get keyPair(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
    this.pair ??= generateKeyPairSync('rsa', { modulusLength: KEY_BITS });
    return this.pair;
  }
}

/** Who a token says has issued it; undefined where it is no JSON Web Token. Nothing is checked. */
export function issuerIn(token: string): string | undefined {
  const issuer = parse(token.split('.')[1] ?? '')?.['iss'];
  return typeof issuer === 'string' ? issuer : undefined;
}

/** The issuer of a user pool, by its id or ARN. */
export function issuerOf(userPool: string): string {
  const poolId = userPool.split('/').at(-1) ?? userPool;
  const [region = ''] = poolId.split('_');
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://cognito-idp.${region}.${domain}/${poolId}`;
}

function wrongTime({ exp, iat, nbf }: Claims, now: number): string | undefined {
  if (typeof exp !== 'number' || exp <= now) return EXPIRED;
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf <= now)) return 'it is not valid yet';
  return typeof iat === 'number' && iat > now ? 'it was issued in the future' : undefined;
}

/** What {@link TokenIssuer.check} says of a token whose time is over. */
export const EXPIRED = 'it has expired';

function parse(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // no JSON, so no token
  }
}

/** `scope` of OAuth, or `scp` of others: a text with spaces, or a list. */
export function scopesOf({ scope, scp }: Claims): string[] {
  const given = scope ?? scp;
  if (Array.isArray(given)) return given.map(String);
  return typeof given === 'string' ? given.split(' ').filter((each) => each !== '') : [];
}
