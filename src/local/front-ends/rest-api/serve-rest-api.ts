/**
 * REST APIs of API Gateway, from the request line to the integration. What the stacks define is read anew for each
 * request; how each rule is known stands in docs/local-rest-api.md.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  API_GATEWAY_EDGE_IDLE_SECONDS,
  API_GATEWAY_PAYLOAD_MAX_BYTES,
  API_GATEWAY_REGIONAL_IDLE_SECONDS,
} from '../../../wire/limits';
import { realMs, systemClock } from '../../clock';
import type { FrontEndAddress } from '../../http/front-end-address';
import { readRequestBody } from '../../http/request-body';
import type { LambdaApi } from '../../operations/lambda-call';
import type { RestApiState, RestIntegration } from '../../rest-api-state';
import { newTraceId } from '../../runtime/trace-id';
import { invokeAsGateway } from '../invoke-as-gateway';
import { authorizeCall } from './authorize-call';
import { findMethod } from './find-method';
import { GatewayRefusal, type RefusedCall, unplayed, writeGatewayResponse } from './gateway-response';
import { AuthorizerCache } from './lambda-authorizer';
import { mockResponse } from './mock-integration';
import { proxyEvent } from './proxy-event';
import { bufferedResponse, streamedResponse } from './proxy-response';
import { checkHead, readQuery } from './request-limits';
import { executeApiArn, mappedValue, type RestCall, withStageVariables } from './rest-call';

/** Answers requests to the REST APIs of a target. */
export class RestApis {
  private readonly authorizers = new AuthorizerCache();

  public constructor(private readonly lambda: LambdaApi) {}

  public async serve(
    api: RestApiState,
    address: FrontEndAddress,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const ids = { requestId: randomUUID(), extendedRequestId: `${randomBytes(11).toString('base64url')}=` };
    this.lambda.journal?.accepted(ids.requestId, { operation: 'RestApi', request, response });
    const body = await readRequestBody(request, API_GATEWAY_PAYLOAD_MAX_BYTES);
    if (body === 'aborted') return;
    let refused: RefusedCall = {
      ...ids,
      response,
      gatewayResponses: api.gatewayResponses,
      mapped: (expression) => /^'([\s\S]*)'$/.exec(expression)?.[1],
    };
    try {
      if (body === 'too-large') throw new GatewayRefusal('REQUEST_TOO_LARGE', 'the body is larger than 10 MB');
      const found = route(this.lambda, api, address, { request, response, body, ...ids });
      refused = { ...refused, mapped: (expression) => mappedValue(found, expression) };
      const { integration } = found.method;
      if (integration.kind === 'lambda') this.lambda.journal?.reached(ids.requestId, integration.functionArn);
      const call = { ...found, identity: await authorizeCall(found, this.authorizers) };
      refused = { ...refused, mapped: (expression) => mappedValue(call, expression) };
      checkParameters(call);
      await integrate(call);
    } catch (error) {
      if (!(error instanceof GatewayRefusal)) throw error;
      this.lambda.journal?.refused(ids.requestId, error.message);
      writeGatewayResponse(refused, error);
    }
  }
}

const FORBIDDEN = { message: 'Forbidden', errorType: 'ForbiddenException' };

type Received = Pick<RestCall, 'request' | 'response' | 'body' | 'requestId' | 'extendedRequestId'>;

function route(lambda: LambdaApi, api: RestApiState, { target }: FrontEndAddress, received: Received): RestCall {
  const { request } = received;
  if (api.unplayed !== undefined) throw unplayed(api.unplayed);
  if (api.disabled) throw new GatewayRefusal('DEFAULT_4XX', 'the default endpoint of this API is disabled', FORBIDDEN);
  checkHead(api, target, request);
  const [whole = '/', query = ''] = splitOnce(target, '?');
  const [, stageName = '', path = ''] = /^\/([^/]*)(.*)$/.exec(whole) ?? [];
  const stage = api.stages.get(stageName);
  if (stage === undefined) {
    const names = [...api.stages.keys()].map((name) => `'${name}'`).join(', ') || 'none';
    const reason = `this API has no stage '${stageName}'; its stages: ${names}`;
    throw new GatewayRefusal('DEFAULT_4XX', reason, FORBIDDEN);
  }
  const httpMethod = request.headers['x-http-method-override']?.toString().toUpperCase() ?? request.method ?? 'GET';
  const found = findMethod(api, httpMethod, path === '' ? '/' : path);
  if (found === undefined) throw noMethod(request, `${httpMethod} ${path === '' ? '/' : path}`);
  return {
    ...received,
    ...found,
    lambda,
    api,
    stage,
    httpMethod,
    path: path === '' ? '/' : path,
    query: readQuery(query),
    traceId: request.headers['x-amzn-trace-id']?.toString() ?? newTraceId(),
    now: systemClock.now(),
    identity: {},
  };
}

/** A path that nobody serves is told apart from a signature that cannot be read, by nothing but the header. */
function noMethod({ headers }: IncomingMessage, what: string): GatewayRefusal {
  const { authorization } = headers;
  const reason = `the API has no ${what}`;
  if (authorization === undefined || authorization.startsWith('AWS4-HMAC-SHA256 ')) {
    return new GatewayRefusal('MISSING_AUTHENTICATION_TOKEN', reason);
  }
  const message = `Invalid key=value pair (missing equal-sign) in Authorization header: '${authorization}'.`;
  return new GatewayRefusal('DEFAULT_4XX', reason, { message });
}

function checkParameters(call: RestCall): void {
  const { api, method } = call;
  if (method.validatorId === undefined || api.validators.get(method.validatorId) !== true) return;
  const missing = method.requiredParameters.filter((name) => (mappedValue(call, name) ?? '') === '');
  if (missing.length === 0) return;
  const names = missing.map((name) => name.split('.').slice(3).join('.')).join(', ');
  const message = `Missing required request parameters: [${names}]`;
  throw new GatewayRefusal('BAD_REQUEST_PARAMETERS', message, { message });
}

async function integrate(call: RestCall): Promise<void> {
  const { integration } = call.method;
  if (integration.kind === 'mock') mockResponse(call, integration);
  else if (integration.kind === 'lambda') await lambdaProxy(call, integration);
  else throw unplayed(integration.what);
}

async function lambdaProxy(
  call: RestCall,
  integration: Extract<RestIntegration, { readonly kind: 'lambda' }>,
): Promise<void> {
  const { api, httpMethod, lambda, requestId, resourcePath, stage, traceId } = call;
  const timer = new IntegrationTimer(call, integration);
  const answered = (async () => {
    const outcome = await invokeAsGateway(lambda, {
      operation: 'RestApi',
      functionArn: withStageVariables(integration.functionArn, stage),
      sourceArn: executeApiArn(api, `${stage.stageName}/${httpMethod}${resourcePath}`),
      account: api.account,
      credentials: integration.credentials,
      requestId,
      traceId,
      payload: proxyEvent(call),
      tenantId: tenantOf(call, integration.requestParameters),
    });
    if (outcome.kind === 'refused') {
      throw new GatewayRefusal('INTEGRATION_FAILURE', outcome.reason, { status: 500 });
    }
    if (integration.stream) await streamedResponse(call, outcome, () => timer.touch());
    else await bufferedResponse(call, outcome);
  })();
  try {
    await Promise.race([answered, timer.expired]);
  } catch (error) {
    // The function goes on, and what it answers after its time is nobody's.
    answered.catch(() => undefined);
    throw error;
  } finally {
    timer.stop();
  }
}

/** The clocks of an integration: the whole of it, and the silence within a stream. */
class IntegrationTimer {
  /** Rejects when one of them is over. */
  public readonly expired: Promise<never>;
  private readonly whole: NodeJS.Timeout;
  private idle: NodeJS.Timeout | undefined;
  private expire: (reason: string) => void = () => undefined;

  public constructor(
    private readonly call: RestCall,
    { stream, timeoutMs }: { readonly stream: boolean; readonly timeoutMs: number },
  ) {
    this.expired = new Promise((_, reject) => {
      this.expire = (reason) => reject(new GatewayRefusal('INTEGRATION_TIMEOUT', reason));
    });
    const waitMs = realMs(call.lambda.options, timeoutMs);
    this.whole = setTimeout(() => this.expire(`the integration took longer than its ${timeoutMs} ms`), waitMs);
    if (stream) this.touch();
  }

  /** Something came. */
  public touch(): void {
    const isEdge = this.call.api.endpointType === 'EDGE';
    const seconds = isEdge ? API_GATEWAY_EDGE_IDLE_SECONDS : API_GATEWAY_REGIONAL_IDLE_SECONDS;
    if (this.idle !== undefined) {
      this.idle.refresh();
      return;
    }
    const waitMs = realMs(this.call.lambda.options, seconds * 1_000);
    this.idle = setTimeout(() => this.expire(`the stream was silent for ${seconds} s`), waitMs);
  }

  public stop(): void {
    clearTimeout(this.whole);
    clearTimeout(this.idle);
  }
}

/** Headers of the invoke call that API Gateway does not let a mapping set. */
const UNMAPPABLE = [
  'authorization',
  'connection',
  'content-length',
  'expect',
  'proxy-authenticate',
  'te',
  'transfer-encoding',
];

/** Mappings of a proxy integration reach the call, not the event; one of them matters here. */
function tenantOf(call: RestCall, requestParameters: Readonly<Record<string, string>>): string | undefined {
  let tenantId: string | undefined;
  for (const [name, expression] of Object.entries(requestParameters)) {
    const [, header] = /^integration\.request\.header\.(.+)$/.exec(name) ?? [];
    const lower = header?.toLowerCase() ?? '';
    if (UNMAPPABLE.includes(lower)) {
      throw new GatewayRefusal(
        'API_CONFIGURATION_ERROR',
        `a mapping cannot set the header ${lower} of a Lambda integration`,
      );
    }
    if (lower === 'x-amz-tenant-id') tenantId = mappedValue(call, expression);
  }
  return tenantId;
}

function splitOnce(text: string, separator: string): string[] {
  const index = text.indexOf(separator);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}
