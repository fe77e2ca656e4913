/**
 * Sessions for whoever brings a token of an OpenID Connect provider, and signs nothing. No token is believed that was not
 * checked with a key: the target's own, with which it signs for every issuer, or one that the option `issuers` gives.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
 */

import { findRole } from '../../bootstrap';
import { ServiceException } from '../../errors';
import { decideAssumeRole, sessionOf } from '../../iam/assume-role';
import { refusalReason } from '../../iam/explain';
import { federatedPrincipal } from '../../iam/federated-identity';
import type { FederatedPrincipal } from '../../iam/principals';
import { statementsOf } from '../../iam/statement';
import { PrincipalError } from '../../local-error';
import type { RoleState } from '../../state';
import { type Claims, EXPIRED, issuerIn, type TokenIssuer } from '../../tokens/token-issuer';
import { xmlText } from '../service-answer';
import type { ServiceInput, ServiceResult } from '../service-operation';
import { checkDuration, invalid, readSessionRequest, requireNotGiven, sessionXml } from './session-request';
import type { StsContext } from './sts';

export interface WebIdentityContext extends StsContext {
  readonly tokens: TokenIssuer;
  /** Of the target: nothing in such a request names one. */
  readonly region: string;
}

/** By signing name and operation: what nobody signs. */
export const UNSIGNED_STS: Readonly<
  Record<string, (input: ServiceInput, context: WebIdentityContext) => ServiceResult>
> = {
  'sts.AssumeRoleWithWebIdentity': assumeRoleWithWebIdentity,
  'sts.AssumeRoleWithSAML': ({ PrincipalArn }) => {
    const provider = String(PrincipalArn ?? 'arn:aws:iam::111111111111:saml-provider/…');
    throw invalid(
      'the local target does not read assertions of SAML; the same session is ' +
        `local.clientConfig({ as, by: { provider: '${provider}', claims: { aud: 'https://signin.aws.amazon.com/saml' } } })`,
    );
  },
};

/** Issuers that need no resource in an account, and their names in policies. */
const COMMON_ISSUERS: Readonly<Record<string, string>> = {
  'accounts.google.com': 'accounts.google.com',
  'https://accounts.google.com': 'accounts.google.com',
  'https://cognito-identity.amazonaws.com': 'cognito-identity.amazonaws.com',
};

/** It would need a permission of its own. */
const SOURCE_IDENTITY = 'https://aws.amazon.com/source_identity';

function assumeRoleWithWebIdentity(input: ServiceInput, context: WebIdentityContext): ServiceResult {
  const operation = 'AssumeRoleWithWebIdentity';
  const asked = readSessionRequest(input, operation);
  // Tokens of OAuth, which are no JSON Web Tokens, name their provider.
  requireNotGiven(input, operation, ['ProviderId']);
  const { issue, organization, region, state } = context;
  const role = findRole(state, asked.roleArn);
  const token = String(input['WebIdentityToken'] ?? '');
  const { claims, issuer, provider } = checkToken(token, asked.roleArn, role, context);
  const by = identityOf(provider, claims);
  const tags = Object.keys(by.tags).length > 0 ? { tags: by.tags } : {};
  const request = { by, sessionName: asked.sessionName, ...tags, ...(organization && { organization }) };
  const decision = role && decideAssumeRole(state, { role, context: { 'aws:RequestedRegion': region }, ...request });
  if (role === undefined || !decision?.allowed) {
    const why = decision ? refusalReason(decision) : `no deployed stack defines the role ${asked.roleArn}`;
    throw refused('AccessDenied', 403, `Not authorized to perform sts:${operation}: ${why}`);
  }
  checkDuration(asked.seconds, role, by);
  const session = sessionOf(role, asked.sessionName, tags.tags, by);
  const audience = [claims['aud']].flat().map(String)[0] ?? '';
  return (
    sessionXml(session, role, asked, issue) +
    `<SubjectFromWebIdentityToken>${xmlText(String(claims['sub'] ?? ''))}</SubjectFromWebIdentityToken>` +
    `<Audience>${xmlText(audience)}</Audience><Provider>${xmlText(issuer)}</Provider>`
  );
}

interface CheckedToken {
  readonly claims: Claims;
  readonly issuer: string;
  /** As the trust policy names it. */
  readonly provider: string;
}

/** @throws a ServiceException for a token that STS would not believe, or that is not known to be good */
function checkToken(
  token: string,
  roleArn: string,
  role: RoleState | undefined,
  { state, tokens }: WebIdentityContext,
): CheckedToken {
  const issuer = issuerIn(token);
  if (issuer === undefined) throw refused('InvalidIdentityToken', 400, 'The ID Token provided is not a valid JWT');
  const [, partition = 'aws', , , account = ''] = roleArn.split(':');
  const arn = `arn:${partition}:iam::${account}:oidc-provider/${issuer.replace(/^https:\/\//, '')}`;
  const provider = Object.hasOwn(COMMON_ISSUERS, issuer) ? (COMMON_ISSUERS[issuer] ?? arn) : arn;
  const clientIds = state.identityProviders.get(provider);
  // One that a trust policy names and no stack defines was made outside of them.
  const isElsewhere = role !== undefined && isTrusted(role, arn) && !state.formerProviders.has(arn);
  if (provider === arn && clientIds === undefined && !isElsewhere) {
    throw refused('InvalidIdentityToken', 400, `No OpenIDConnect provider found in your account for ${issuer}`);
  }
  const claims = tokens.check(token, [issuer]);
  if (claims === EXPIRED) throw refused('ExpiredTokenException', 400, 'Token expired');
  if (typeof claims === 'string') {
    const known = `local.token({ issuer: '${issuer}' }) gives a token that is; startLocal({ issuers }) takes the keys of a real issuer`;
    throw refused('InvalidIdentityToken', 400, `The token is not good: ${claims}; ${known}`);
  }
  if (claims[SOURCE_IDENTITY] !== undefined) {
    throw refused('InvalidIdentityToken', 400, `the local target does not play the claim ${SOURCE_IDENTITY}`);
  }
  const audience = [claims['aud']].flat();
  if (clientIds !== undefined && !audience.some((each) => typeof each === 'string' && clientIds.includes(each))) {
    throw refused('InvalidIdentityToken', 400, 'Incorrect token audience');
  }
  return { claims, issuer, provider };
}

function identityOf(provider: string, claims: Claims): FederatedPrincipal {
  try {
    return federatedPrincipal({ provider, claims });
  } catch (error) {
    if (!(error instanceof PrincipalError)) throw error;
    throw refused('InvalidIdentityToken', 400, error.message);
  }
}

function isTrusted({ trustPolicy }: RoleState, provider: string): boolean {
  return statementsOf(trustPolicy).some(({ Principal: element }) => {
    const named: unknown =
      typeof element === 'object' && element !== null && 'Federated' in element && element.Federated;
    return [named].flat().includes(provider);
  });
}

function refused(type: string, statusCode: number, message: string): ServiceException {
  return new ServiceException({ type, statusCode, message });
}
