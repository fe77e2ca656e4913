/**
 * Somebody whom an identity provider vouches for, and what of that IAM sees: in the trust policy when a role is assumed, and in
 * the session afterwards.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-saml
 */

import { isObject } from '../../base/is-object';
import { PrincipalError } from '../local-error';
import { ownMember } from '../own-member';
import type { LocalState, PolicyStatement } from '../state';
import { parseOperator } from './operators';
import type { FederatedPrincipal } from './principals';

/** Whom an identity provider vouches for. */
export interface FederatedIdentity {
  /**
   * As the trust policy names it under `Federated`: `cognito-identity.amazonaws.com`, `accounts.google.com`, or the ARN of an
   * OpenID Connect or SAML provider, `arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com`.
   */
  readonly provider: string;
  /**
   * What the provider says of it: the claims of its token, `{ aud: 'us-east-1:…', amr: ['authenticated'], sub: '…' }`, or
   * the keys of a SAML assertion without `SAML:`. They are the condition keys `<provider>:<claim>`, as far as AWS makes keys
   * of them. `https://aws.amazon.com/tags` gives the session its tags.
   * @default - nothing
   */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** The claim that names the tags of the session. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html */
const TAGS = 'https://aws.amazon.com/tags';

/** Claims of any provider that are keys. Others of a token are not, whatever it says. */
const CLAIMS = ['amr', 'aud', 'email', 'oaud', 'sub'];
/** Claims of one provider that are keys, too. */
const OWN_CLAIMS: Readonly<Record<string, readonly string[]>> = {
  'graph.facebook.com': ['app_id', 'id'],
  'token.actions.githubusercontent.com': [
    'actor',
    'actor_id',
    'enterprise_id',
    'environment',
    'job_workflow_ref',
    'ref',
    'repository',
    'repository_id',
    'workflow',
  ],
  'www.amazon.com': ['app_id', 'user_id'],
};
/** Keys that requests of the session have, too: that others have not is *assumed*. */
const KEPT = /:(amr|aud|oaud|sub|app_id|id|user_id)$/;
const KEPT_OF_SAML = /^saml:(namequalifier|sub|sub_type)$/i;

/** Providers that need no resource in an account. */
const COMMON_PROVIDERS = [
  'accounts.google.com',
  'cognito-identity.amazonaws.com',
  'graph.facebook.com',
  'www.amazon.com',
];

/** Why nobody comes into a role of `account` by a provider; undefined where somebody may. */
export function providerProblem(
  provider: string,
  account: string,
  { formerProviders }: Pick<LocalState, 'formerProviders'>,
): string | undefined {
  if (COMMON_PROVIDERS.includes(provider)) return undefined;
  const [, owner] = /^arn:[^:]+:iam::(\d{12}):(?:oidc|saml)-provider\/./.exec(provider) ?? [];
  if (formerProviders.has(provider))
    return `the provider ${provider} was deleted; deploy a stack that defines it again`;
  if (owner === account) return undefined;
  if (owner !== undefined) return `the provider ${provider} is none of account ${account}, whose role it is`;
  return `'${provider}' is no identity provider; expected ${COMMON_PROVIDERS.join(', ')}, or an ARN such as arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`;
}

/** The action by which a role is assumed. */
export function assumeActionOf({ provider }: FederatedPrincipal): string {
  return isSaml(provider) ? 'sts:AssumeRoleWithSAML' : 'sts:AssumeRoleWithWebIdentity';
}

/** The principal that an identity is. */
export function federatedPrincipal({ provider, claims = {} }: FederatedIdentity): FederatedPrincipal {
  const prefix = prefixOf(provider);
  const { [TAGS]: tags, azp, ...others } = claims;
  // Who asked for a token stands for whom it is for, where the two differ.
  const isAsked = azp !== undefined && azp !== null && !isSaml(provider);
  const said = isAsked ? { ...others, aud: azp, oaud: others['aud'] } : others;
  const keys = Object.entries(said).flatMap(([name, value]) =>
    isKey(provider, name) && value !== undefined && value !== null
      ? [[`${prefix}:${name}`, textsOf(name, value)] as const]
      : [],
  );
  return { kind: 'federated', provider, keys: Object.fromEntries(keys), tags: tagsOf(tags) };
}

/** What requests of its session say of it. */
export function sessionKeys({ provider, keys }: FederatedPrincipal): FederatedPrincipal['keys'] {
  const kept = Object.entries(keys).filter(([key]) => (isSaml(provider) ? KEPT_OF_SAML : KEPT).test(key));
  return { ...Object.fromEntries(kept), ...(!isSaml(provider) && { 'aws:FederatedProvider': provider }) };
}

/** Somebody of whom a provider says what a statement's conditions want to hear, as far as they say what that is. */
export function wantedIdentity(provider: string, { Condition = {} }: PolicyStatement): FederatedPrincipal {
  const prefix = `${prefixOf(provider)}:`;
  const wanted = Object.entries(Condition).flatMap(([operator, conditions]) =>
    /^String(Equals|Like)/.test(parseOperator(operator).base) ? Object.entries(conditions) : [],
  );
  const keys = wanted.flatMap(([key, values]) => {
    const name = key.slice(prefix.length);
    const isOwn = key.toLowerCase().startsWith(prefix.toLowerCase()) && isKey(provider, name);
    return isOwn ? [[`${prefix}${name}`, String([values].flat()[0] ?? '')]] : [];
  });
  // No provider says less of anybody than these.
  const always = { [`${prefix}aud`]: 'local', [`${prefix}sub`]: 'local' };
  return { kind: 'federated', provider, keys: { ...always, ...Object.fromEntries(keys) }, tags: {} };
}

/** Whether AWS makes a key of what a provider says under a name. */
function isKey(provider: string, name: string): boolean {
  const own = ownMember(OWN_CLAIMS, prefixOf(provider)) ?? [];
  return isSaml(provider) || CLAIMS.includes(name) || own.includes(name);
}

function prefixOf(provider: string): string {
  return isSaml(provider) ? 'SAML' : provider.replace(/^arn:[^:]+:iam::\d{12}:oidc-provider\//, '');
}

function isSaml(provider: string): boolean {
  return /^arn:[^:]+:iam::\d{12}:saml-provider\//.test(provider);
}

/** @throws a PrincipalError for what no token could say under a name that is a key */
function textsOf(name: string, value: unknown): string | string[] {
  const isNested = Array.isArray(value) && value.some((each) => Array.isArray(each));
  if (Array.isArray(value) && !isNested) return value.map((each) => String(textsOf(name, each)));
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new PrincipalError(`the claim '${name}' must be a string, a number, true, false, or a list of them`);
}

/** @throws a PrincipalError for tags that the next session would have to keep */
function tagsOf(claim: unknown): Record<string, string> {
  const transitive = isObject(claim) ? [claim['transitive_tag_keys'] ?? []].flat() : [];
  if (transitive.length > 0) {
    // The next session would have to keep them, whoever passes others: without that it could get in by its own.
    throw new PrincipalError(
      `the local target does not play transitive_tag_keys of the claim '${TAGS}'; leave them out`,
    );
  }
  const tags = isObject(claim) && isObject(claim['principal_tags']) ? claim['principal_tags'] : {};
  return Object.fromEntries(Object.entries(tags).map(([key, values]) => [key, String([values].flat()[0] ?? '')]));
}
