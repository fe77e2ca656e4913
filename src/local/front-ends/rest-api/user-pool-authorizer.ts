/**
 * Authorizers of REST APIs that want a token of a Cognito user pool
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html).
 */
import type { UserPoolAuthorizer } from '../../rest-api-state';
import { type Claims, EXPIRED, issuerOf, scopesOf } from '../../tokens/token-issuer';
import { GatewayRefusal } from './gateway-response';
import { mappedValue, type RestCall } from './rest-call';

/** The claims of the caller, as texts. @throws GatewayRefusal where the call must not go on */
export function claimsOfCaller(
  call: RestCall,
  { identitySource, userPools }: UserPoolAuthorizer,
  scopes: readonly string[],
): Readonly<Record<string, string>> {
  const given = mappedValue(call, identitySource) ?? '';
  if (given === '') throw new GatewayRefusal('UNAUTHORIZED', `the request has no ${identitySource}`);
  const claims = call.lambda.tokens.check(given.replace(/^Bearer /i, ''), userPools.map(issuerOf));
  const problem = typeof claims === 'string' ? claims : useProblem(claims, scopes);
  if (typeof claims === 'string' || problem !== undefined) {
    const words = problem === EXPIRED ? { message: 'The incoming token has expired' } : undefined;
    throw new GatewayRefusal('UNAUTHORIZED', `the token is not good: ${problem}`, words);
  }
  return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, [value].flat().map(text).join(',')]));
}

/** Scopes are what access tokens have; without them the user must be told. */
function useProblem(claims: Claims, scopes: readonly string[]): string | undefined {
  const wanted = scopes.length === 0 ? 'id' : 'access';
  const use = claims['token_use'];
  if (use !== wanted) return `its token_use is '${String(use)}' and not '${wanted}'`;
  const has = scopesOf(claims);
  if (scopes.length === 0 || scopes.some((scope) => has.includes(scope))) return undefined;
  return `it has none of the scopes ${scopes.join(', ')}`;
}

function text(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
