/**
 * HTTP APIs of API Gateway, which collect each response before they send it. How each rule is known stands in
 * docs/local-http-api.md.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { API_GATEWAY_PAYLOAD_MAX_BYTES } from '../../../wire/limits';
import { realMs, systemClock } from '../../clock';
import { readRequestBody } from '../../http/request-body';
import type { HttpApiState, HttpIntegration, HttpRouteState } from '../../http-api-state';
import { collectBody } from '../../operations/buffered-body';
import type { LambdaApi } from '../../operations/lambda-call';
import { corsHeaders, isPreflight, preflightHeaders } from '../../operations/url-cors';
import { headerText, readResult, type UrlReply, writeHead } from '../../operations/url-response';
import { describeFailure } from '../../runtime/function-failure';
import { newTraceId } from '../../runtime/trace-id';
import { headerValueBytes } from '../header-value-bytes';
import { invokeAsGateway } from '../invoke-as-gateway';
import { matchPath } from '../rest-api/find-method';
import { authorizeHttpCall, type HttpAuthorizerCache } from './authorize-http-call';
import { apiArn, HttpApiRefusal, type HttpCall, httpEvent, internalError } from './http-call';

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const HEAD_MAX_BYTES = 10 * 1_024;

/** Answers requests to the HTTP APIs of a target. */
export class HttpApis {
  private readonly authorizers: HttpAuthorizerCache = new Map();

  public constructor(private readonly lambda: LambdaApi) {}

  public async serve(
    api: HttpApiState,
    target: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const requestId = randomUUID();
    this.lambda.journal?.accepted(requestId, { operation: 'HttpApi', request, response });
    const body = await readRequestBody(request, API_GATEWAY_PAYLOAD_MAX_BYTES);
    if (body === 'aborted') return;
    const headers = { 'apigw-requestid': requestId, ...corsHeaders(request, api.cors) };
    try {
      if (api.unplayed !== undefined) throw notPlayed(api.unplayed);
      if (api.disabled) throw new HttpApiRefusal(404, 'Not Found', 'the default endpoint of this API is disabled');
      checkHead(target, request);
      if (isPreflight(request, api.cors)) {
        response.writeHead(204, { ...headers, ...preflightHeaders(request, api.cors ?? {}) }).end();
        return;
      }
      if (body === 'too-large')
        throw new HttpApiRefusal(413, 'Request Entity Too Large', 'the body is larger than 10 MB');
      const call = route(this.lambda, api, target, { request, response, body, requestId });
      const integration = api.integrations.get(call.route.integrationId);
      if (integration?.kind === 'lambda') this.lambda.journal?.reached(requestId, integration.functionArn);
      const authorizer = await authorizeHttpCall(call, this.authorizers);
      await integrate({ ...call, authorizer }, headers);
    } catch (error) {
      if (!(error instanceof HttpApiRefusal)) throw error;
      const { headers: own, reason, says, status } = error;
      this.lambda.journal?.refused(requestId, reason);
      const why = { [status < 500 ? 'x-local-refusal' : 'x-local-failure']: headerText(reason) };
      response
        .writeHead(status, { ...headers, ...own, ...why, 'content-type': 'application/json' })
        .end(JSON.stringify({ message: says }));
    }
  }
}

function notPlayed(what: string): HttpApiRefusal {
  const says = `The local target does not play ${what}`;
  return new HttpApiRefusal(501, says, says);
}

function checkHead(target: string, request: IncomingMessage): void {
  const { httpVersion, method = '' } = request;
  const bytes = `${method} ${target} HTTP/${httpVersion}`.length + headerValueBytes(request);
  if (bytes <= HEAD_MAX_BYTES) return;
  const reason = `the request line and the values of the headers have ${bytes} bytes, and API Gateway takes ${HEAD_MAX_BYTES}`;
  throw new HttpApiRefusal(431, 'Request Header Fields Too Large', reason);
}

function route(
  lambda: LambdaApi,
  api: HttpApiState,
  target: string,
  received: Pick<HttpCall, 'request' | 'response' | 'body' | 'requestId'>,
): HttpCall {
  const { request } = received;
  const start = target.indexOf('?');
  const [rawPath, rawQuery] = start < 0 ? [target, ''] : [target.slice(0, start), target.slice(start + 1)];
  const [, first = '', rest = ''] = /^\/([^/]*)(.*)$/.exec(rawPath) ?? [];
  // A stage of that name comes before a path of the stage without one.
  const stageName = api.stages.has(first) ? first : '$default';
  const path = stageName === '$default' ? rawPath : rest === '' ? '/' : rest;
  const found = api.stages.has(stageName) ? findRoute(api, request.method ?? 'GET', path) : undefined;
  if (found === undefined) {
    throw new HttpApiRefusal(404, 'Not Found', `the API has no route for ${request.method ?? 'GET'} ${rawPath}`);
  }
  return {
    ...received,
    ...found,
    lambda,
    api,
    stageName,
    rawPath,
    path,
    rawQuery,
    traceId: request.headers['x-amzn-trace-id']?.toString() ?? newTraceId(),
    now: systemClock.now(),
    authorizer: undefined,
  };
}

/** The most specific path, then the method before `ANY`; `$default` where nothing else fits. */
function findRoute(
  { routes }: HttpApiState,
  method: string,
  path: string,
): { readonly route: HttpRouteState; readonly pathParameters: Readonly<Record<string, string>> } | undefined {
  const segments = path.split('/').slice(1);
  const found = [...routes.values()].flatMap((route) => {
    const [routeMethod = '', routePath = ''] = route.routeKey.split(' ');
    if (route.routeKey === '$default') return [{ route, pathParameters: {}, rank: '9' }];
    if (routeMethod !== method && routeMethod !== 'ANY') return [];
    const match = matchPath(routePath.split('/').slice(1), segments);
    return match ? [{ route, ...match, rank: `${match.rank}${routeMethod === 'ANY' ? '1' : '0'}` }] : [];
  });
  return found.sort((a, b) => (a.rank < b.rank ? -1 : 1))[0];
}

async function integrate(call: HttpCall, headers: Readonly<Record<string, string>>): Promise<void> {
  const integration = call.api.integrations.get(call.route.integrationId);
  if (integration === undefined) throw internalError('the route has no integration');
  if (integration.kind === 'unplayed') throw notPlayed(integration.what);
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    const late = `the integration took longer than its ${integration.timeoutMs} ms`;
    const waitMs = realMs(call.lambda.options, integration.timeoutMs);
    timer = setTimeout(() => reject(new HttpApiRefusal(503, 'Service Unavailable', late)), waitMs);
  });
  const answered = invoke(call, integration, headers);
  try {
    await Promise.race([answered, expired]);
  } catch (error) {
    // The function goes on, and what it answers after its time is nobody's.
    answered.catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function invoke(
  call: HttpCall,
  { credentials, functionArn }: Extract<HttpIntegration, { readonly kind: 'lambda' }>,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const { api, lambda, request, requestId, response, route: called, stageName, traceId } = call;
  const [, path] = called.routeKey.split(' ');
  const source = path === undefined ? called.routeKey : `${request.method ?? 'GET'}${path}`;
  const variables = api.stages.get(stageName) ?? {};
  const outcome = await invokeAsGateway(lambda, {
    operation: 'HttpApi',
    functionArn: functionArn.replace(/\$\{stageVariables\.(\w+)\}/g, (_, name: string) => variables[name] ?? ''),
    sourceArn: apiArn(api, `${stageName}/${source}`),
    account: api.account,
    credentials,
    requestId,
    traceId,
    payload: Buffer.from(JSON.stringify(httpEvent(call))),
  });
  if (outcome.kind === 'refused') throw internalError(outcome.reason);
  const { begun, fault, log, running } = outcome;
  if (begun.kind === 'failure') throw internalError(describeFailure(begun.failure));
  const payload = await collectBody(begun.response.body);
  const failure = begun.response.body.complete ? begun.response.failure() : (await running.completed).failure;
  if (failure !== undefined) throw internalError(describeFailure(failure));
  if (payload === 'too-large') throw internalError('the function answered more than the 6 MB of a buffered response');
  if (response.writableEnded) return;
  const result = readResult(payload, isJson(payload) ? 'application/json' : 'text/plain');
  const length = { 'content-length': String(result?.body.length ?? 0) };
  const reply: UrlReply = {
    response,
    headers: { ...headers, ...length },
    fault,
    options: lambda.options,
    cors: api.cors,
    log,
  };
  if (result === undefined || !writeHead(reply, result, result.contentType)) {
    throw internalError('the function answered a status or a header that HTTP does not allow');
  }
  lambda.journal?.piece(requestId, result.body);
  response.end(result.body);
}

function isJson(payload: Buffer): boolean {
  try {
    JSON.parse(payload.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}
