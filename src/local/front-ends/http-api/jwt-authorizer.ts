/** JWT authorizers of HTTP APIs (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html). */
import type { JwtAuthorizer } from '../../http-api-state';
import { type Claims, scopesOf } from '../../tokens/token-issuer';
import { HttpApiRefusal, type HttpCall } from './http-call';

/** `authorizer.jwt` of the event. @throws HttpApiRefusal where the call must not go on */
export function jwtOfCaller(
  call: HttpCall,
  { audience, issuer }: JwtAuthorizer,
  scopes: readonly string[],
  given: string,
): Record<string, unknown> {
  const claims = call.lambda.tokens.check(given.replace(/^Bearer /i, ''), [issuer]);
  const problem = typeof claims === 'string' ? claims : audienceProblem(claims, audience);
  if (typeof claims === 'string' || problem !== undefined) {
    const description = problem?.replaceAll('"', "'");
    const challenge = `Bearer scope="${scopes.join(' ')}" error="invalid_token" error_description="${description}"`;
    throw new HttpApiRefusal(401, 'Unauthorized', `the token is not good: ${problem}`, {
      'www-authenticate': challenge,
    });
  }
  const has = scopesOf(claims);
  if (scopes.length > 0 && !scopes.some((scope) => has.includes(scope))) {
    const challenge = `Bearer scope="${scopes.join(' ')}" error="insufficient_scope"`;
    const reason = `the token has none of the scopes ${scopes.join(', ')}`;
    throw new HttpApiRefusal(403, 'Forbidden', reason, { 'www-authenticate': challenge });
  }
  const texts = Object.entries(claims).map(([name, value]) => [name, text(value)]);
  return { jwt: { claims: Object.fromEntries(texts), scopes: scopes.length === 0 ? null : has } };
}

/** `client_id` counts where there is no `aud`, as in an access token of Cognito. */
function audienceProblem({ aud, client_id: clientId }: Claims, audience: readonly string[]): string | undefined {
  const named = [aud ?? clientId].flat().map(String);
  if (named.some((each) => audience.includes(each))) return undefined;
  return `its audience is '${named.join("', '")}' and not '${audience.join("' or '")}'`;
}

/** A list is told as users of AWS see it: `[admins users]`. */
function text(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(text).join(' ')}]`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
