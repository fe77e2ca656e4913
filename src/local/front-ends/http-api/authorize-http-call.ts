/**
 * Decides whether a request reaches its route: IAM, a JWT, or a Lambda authorizer with payload format 2.0
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html).
 */
import { isObject } from '../../../base/is-object';
import { realMs } from '../../clock';
import type { HttpAuthorizer } from '../../http-api-state';
import { evaluate } from '../../iam/evaluate';
import { refusalReason } from '../../iam/explain';
import { policyProblem } from '../../iam/policy-problem';
import { collectBody } from '../../operations/buffered-body';
import type { PolicyDocument } from '../../policy-document';
import { describeFailure } from '../../runtime/function-failure';
import { invokeAsGateway } from '../invoke-as-gateway';
import {
  apiArn,
  HttpApiRefusal,
  type HttpCall,
  iamAuthorizer,
  internalError,
  requestMembers,
  routeArn,
} from './http-call';
import { jwtOfCaller } from './jwt-authorizer';

const forbidden = (reason: string) => new HttpApiRefusal(403, 'Forbidden', reason);
const unauthorized = (reason: string) => new HttpApiRefusal(401, 'Unauthorized', reason);

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const AUTHORIZER_MAX_MS = 10_000;

/** What an authorizer said, by its identity sources. */
export type HttpAuthorizerCache = Map<string, { readonly answer: Record<string, unknown>; readonly until: number }>;

/** `requestContext.authorizer` of the event. @throws HttpApiRefusal where the call must not go on */
export async function authorizeHttpCall(
  call: HttpCall,
  cache: HttpAuthorizerCache,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { authorization } = call.route;
  if (authorization.kind === 'none') return undefined;
  if (authorization.kind === 'iam') return signedCaller(call);
  const authorizer = call.api.authorizers.get(authorization.authorizerId);
  if (authorizer === undefined) throw internalError('the authorizer is gone');
  if (authorizer.type === 'JWT') {
    const scopes = authorization.kind === 'jwt' ? authorization.scopes : [];
    const [token = ''] = identitySourceValues(call, authorizer.identitySources);
    return jwtOfCaller(call, authorizer, scopes, token);
  }
  return await byAuthorizer(call, authorizer, cache);
}

function signedCaller(call: HttpCall): Record<string, unknown> {
  const { body, lambda, request, requestId } = call;
  const signed = { method: request.method ?? '', url: request.url ?? '/', headers: request.headers, body, requestId };
  const identity = lambda.authenticate(signed, 'execute-api');
  if (!identity.authenticated) throw forbidden(identity.reason);
  const { context = {}, principal, sessionPolicy } = identity.credentials;
  const question = { principal, context, action: 'execute-api:Invoke', resource: routeArn(call) };
  const decision = lambda.authorize({ ...question, requestId, ...(sessionPolicy && { sessionPolicy }) });
  if (!decision.allowed) throw forbidden(refusalReason(decision));
  return iamAuthorizer(identity.accessKeyId, principal);
}

async function byAuthorizer(
  call: HttpCall,
  authorizer: HttpAuthorizer,
  cache: HttpAuthorizerCache,
): Promise<Record<string, unknown>> {
  const sources = identitySourceValues(call, authorizer.identitySources);
  const key = JSON.stringify([call.api.apiId, call.stageName, authorizer.authorizerId, sources]);
  const known = cache.get(key);
  // An empty list of sources would be one answer for everybody.
  const keeps = authorizer.ttlSeconds > 0 && sources.length > 0;
  const isFresh = keeps && known !== undefined && known.until > call.now;
  const answer = isFresh ? known.answer : await inTime(call, ask(call, authorizer, sources));
  const context = decide(call, authorizer, answer);
  const keptMs = realMs(call.lambda.options, authorizer.ttlSeconds * 1_000);
  if (keeps && !isFresh) cache.set(key, { answer, until: call.now + keptMs });
  return { lambda: context };
}

/** @throws HttpApiRefusal where the authorizer does not answer in time; its function goes on */
async function inTime<T>({ lambda }: HttpCall, answered: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const refuse = () => reject(internalError(`the authorizer did not answer within ${AUTHORIZER_MAX_MS / 1_000} s`));
    timer = setTimeout(refuse, realMs(lambda.options, AUTHORIZER_MAX_MS));
  });
  try {
    return await Promise.race([answered, late]);
  } catch (error) {
    // What it answers after its time is nobody's.
    answered.catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A request without one of them is not even asked about. */
function identitySourceValues(call: HttpCall, sources: readonly string[]): string[] {
  return sources.map((source) => {
    const value = identityValue(call, source);
    if (value === undefined || value === '') throw unauthorized(`the request has no ${source}`);
    return value;
  });
}

function identityValue(
  { api, path, rawQuery, request, route, stageName }: HttpCall,
  source: string,
): string | undefined {
  const [, place, name = ''] = /^\$request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
  if (place === 'header') return request.headers[name.toLowerCase()]?.toString();
  if (place === 'querystring') return new URLSearchParams(rawQuery).getAll(name).at(-1);
  const [, variable] = /^\$stageVariables\.(.+)$/.exec(source) ?? [];
  if (variable !== undefined) return api.stages.get(stageName)?.[variable];
  const context: Readonly<Record<string, string | undefined>> = {
    '$context.httpMethod': request.method,
    '$context.identity.sourceIp': request.socket.remoteAddress,
    '$context.path': path,
    '$context.routeKey': route.routeKey,
    '$context.stage': stageName,
  };
  return context[source];
}

async function ask(
  call: HttpCall,
  { authorizerId, credentials, functionArn }: HttpAuthorizer,
  identitySource: readonly string[],
): Promise<Record<string, unknown>> {
  const event = { version: '2.0', type: 'REQUEST', routeArn: routeArn(call), identitySource, ...requestMembers(call) };
  const outcome = await invokeAsGateway(call.lambda, {
    operation: 'Invoke',
    functionArn,
    sourceArn: apiArn(call.api, `authorizers/${authorizerId}`),
    account: call.api.account,
    credentials,
    requestId: call.requestId,
    traceId: call.traceId,
    payload: Buffer.from(JSON.stringify(event)),
    question: `authorizer ${authorizerId}`,
  });
  if (outcome.kind === 'refused') throw internalError(outcome.reason);
  const { begun, running, tell } = outcome;
  if (begun.kind === 'failure') throw internalError(describeFailure(begun.failure));
  const payload = await collectBody(begun.response.body);
  tell(payload);
  const failure = begun.response.body.complete ? begun.response.failure() : (await running.completed).failure;
  if (failure !== undefined) throw internalError(describeFailure(failure));
  const answer: unknown = payload === 'too-large' ? undefined : JSON.parse(payload.toString('utf8'));
  if (!isObject(answer)) throw internalError('the answer of the authorizer must be an object');
  return answer;
}

/** The context for the event. Nothing but `true` lets in. */
function decide(
  call: HttpCall,
  { simpleResponses }: HttpAuthorizer,
  { context = {}, isAuthorized, policyDocument }: Record<string, unknown>,
): unknown {
  if (simpleResponses) {
    if (isAuthorized === true) return context;
    throw forbidden(`the authorizer answered isAuthorized: ${JSON.stringify(isAuthorized) ?? 'nothing'}`);
  }
  const problem = isObject(policyDocument) ? policyProblem(policyDocument, 'identity') : 'is missing';
  if (problem !== undefined) throw internalError(`the policyDocument of the authorizer ${problem}`);
  const { account, partition } = call.api;
  const { allowed } = evaluate({
    principal: { kind: 'administrator', arn: `arn:${partition}:iam::${account}:root`, account },
    action: 'execute-api:Invoke',
    resource: routeArn(call),
    identityPolicies: [{ name: 'policyDocument', document: policyDocument as PolicyDocument }],
  });
  if (!allowed) throw forbidden(`the policy of the authorizer does not allow ${routeArn(call)}`);
  return context;
}
