/**
 * Decides whether a request reaches its method: IAM, the API's resource policy, a Lambda authorizer, a user pool, an API key
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html).
 */

import type { CallerCredentials } from '../../http/sigv4';
import type { Decision } from '../../iam/decision';
import { refusalReason } from '../../iam/explain';
import type { RestAuthorizer } from '../../rest-api-state';
import { GatewayRefusal } from './gateway-response';
import type { AuthorizerCache } from './lambda-authorizer';
import { checkMethodArn } from './request-limits';
import { headerOf, methodArn, type RestCall, type RestIdentity } from './rest-call';
import { claimsOfCaller } from './user-pool-authorizer';

const ACTION = 'execute-api:Invoke';
const ANONYMOUS = { kind: 'anonymous' } as const;

/** Who calls. @throws GatewayRefusal where the call must not go on */
export async function authorizeCall(call: RestCall, authorizers: AuthorizerCache): Promise<RestIdentity> {
  const identity = await identify(call, authorizers);
  return { ...identity, ...checkApiKey(call, identity) };
}

async function identify(call: RestCall, authorizers: AuthorizerCache): Promise<RestIdentity> {
  const { api, method } = call;
  const { authorization } = method;
  if (authorization.kind !== 'none' || api.policy !== undefined) checkMethodArn(methodArn(call));
  switch (authorization.kind) {
    case 'none':
      // Without a policy an open method is open; with one, nobody is in whom it does not name.
      if (api.policy !== undefined) demand(call, { principal: ANONYMOUS });
      return {};
    case 'iam':
      return { caller: signedCaller(call) };
    case 'user-pool': {
      const authorizer = api.authorizers.get(authorization.authorizerId);
      if (authorizer?.type !== 'COGNITO_USER_POOLS') throw gone();
      const claims = claimsOfCaller(call, authorizer, authorization.scopes);
      if (api.policy !== undefined) demand(call, { principal: ANONYMOUS });
      return { claims };
    }
    case 'custom': {
      const authorizer = api.authorizers.get(authorization.authorizerId);
      if (authorizer === undefined || authorizer.type === 'COGNITO_USER_POOLS') throw gone();
      return await byAuthorizer(call, authorizer, authorizers);
    }
  }
}

const gone = () => new GatewayRefusal('AUTHORIZER_CONFIGURATION_ERROR', 'the authorizer is gone');

/** A refusal that says which method it is about, as the message of IAM does. */
function denied({ message, reason }: Pick<Decision, 'message' | 'reason'>, why?: string): GatewayRefusal {
  const words = message ?? reason;
  return new GatewayRefusal('ACCESS_DENIED', why ?? words, { message: words });
}

function demand(
  call: RestCall,
  { context = {}, principal, sessionPolicy }: Pick<CallerCredentials, 'context' | 'principal' | 'sessionPolicy'>,
): void {
  const decision = call.lambda.authorize({
    principal,
    action: ACTION,
    resource: methodArn(call),
    requestId: call.requestId,
    context,
    ...(sessionPolicy && { sessionPolicy }),
  });
  if (!decision.allowed) throw denied(decision, refusalReason(decision));
}

function signedCaller(call: RestCall): NonNullable<RestIdentity['caller']> {
  const { body, lambda, request, requestId } = call;
  const signed = { method: request.method ?? '', url: request.url ?? '/', headers: request.headers, body, requestId };
  const identity = lambda.authenticate(signed, 'execute-api');
  if (!identity.authenticated) {
    const { reason } = identity;
    const { message, type } = identity.error;
    if (type === 'MissingAuthenticationTokenException')
      throw new GatewayRefusal('MISSING_AUTHENTICATION_TOKEN', reason);
    if (type === 'ExpiredTokenException') throw new GatewayRefusal('EXPIRED_TOKEN', reason, { message });
    if (type === 'IncompleteSignatureException') throw new GatewayRefusal('DEFAULT_4XX', reason, { message });
    throw new GatewayRefusal('INVALID_SIGNATURE', reason, { message, errorType: type });
  }
  demand(call, identity.credentials);
  return { accessKeyId: identity.accessKeyId, principal: identity.credentials.principal };
}

/** The policy's own refusals come first, then the authorizer; in the end either of the two is enough. */
async function byAuthorizer(
  call: RestCall,
  authorizer: RestAuthorizer,
  authorizers: AuthorizerCache,
): Promise<RestIdentity> {
  const { requestId } = call;
  const question = { principal: ANONYMOUS, action: ACTION, resource: methodArn(call), requestId } as const;
  const byPolicy = call.api.policy === undefined ? undefined : call.lambda.authorize(question);
  if (byPolicy?.reason === 'explicit-deny') throw denied(byPolicy);
  const { decision, identity } = await authorizers.decide(call, authorizer);
  if (decision.reason === 'explicit-deny') {
    throw denied({
      reason: decision.reason,
      message: 'User is not authorized to access this resource with an explicit deny',
    });
  }
  if (!decision.allowed && byPolicy?.allowed !== true) {
    throw denied({ reason: decision.reason, message: 'User is not authorized to access this resource' });
  }
  return identity;
}

/** The key must be enabled and belong to a plan of this API and stage. */
function checkApiKey(call: RestCall, identity: RestIdentity): Pick<RestIdentity, 'apiKey'> {
  const { api, lambda, method, request, stage } = call;
  if (!method.apiKeyRequired) return {};
  const sent = api.apiKeySource === 'AUTHORIZER' ? identity.usageIdentifierKey : headerOf(request, 'x-api-key');
  const key = [...lambda.state.apiKeys.values()].find(({ value }) => value === sent);
  const isGood = [...lambda.state.usagePlans.values()].some(
    ({ keyIds, stages }) =>
      key !== undefined &&
      keyIds.includes(key.keyId) &&
      stages.some(({ apiId, stageName }) => apiId === api.apiId && stageName === stage.stageName),
  );
  if (key?.enabled === true && isGood) return { apiKey: { keyId: key.keyId, value: key.value } };
  const place = api.apiKeySource === 'AUTHORIZER' ? 'the answer of the authorizer' : 'the header x-api-key';
  const why = sent === undefined ? 'has none' : 'has none that is enabled and in a usage plan of this stage';
  throw new GatewayRefusal('INVALID_API_KEY', `this method needs an API key, and ${place} ${why}`);
}
