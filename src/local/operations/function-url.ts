/**
 * Function URLs (https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html), reached by path
 * (`/lambda-url/<url id>/…`) or by host (`<url id>.lambda-url.<region>.localhost`).
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { merged } from '../../base/merged';
import { REQUEST_PAYLOAD_MAX_BYTES } from '../../wire/limits';
import { systemClock } from '../clock';
import type { FrontEndAddress } from '../http/front-end-address';
import { readRequestBody } from '../http/request-body';
import type { Authentication } from '../http/sigv4';
import type { AuthorizationRequest } from '../iam/authorize';
import { refusalReason } from '../iam/explain';
import type { InvocationRequest } from '../runtime/active-invocation';
import { runtimeProblem } from '../runtime/runtime-program';
import { newTraceId } from '../runtime/trace-id';
import type { FunctionState, FunctionUrlState } from '../state';
import { decideFault } from './fault';
import { resolveVersion } from './function-reference';
import { type LambdaApi, pieceListener } from './lambda-call';
import { corsHeaders, isPreflight, preflightHeaders } from './url-cors';
import { type UrlRequest, urlEvent } from './url-event';
import { badGateway, bufferedReply, headerText, streamReply, type UrlReply } from './url-response';

export async function serveFunctionUrl(
  api: LambdaApi,
  { id: urlId, target }: FrontEndAddress,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = randomUUID();
  const headers = { 'x-amzn-requestid': requestId };
  api.journal?.accepted(requestId, { operation: 'FunctionUrl', request, response });
  const body = await readRequestBody(request, REQUEST_PAYLOAD_MAX_BYTES);
  if (body === 'aborted') return;
  const found = findUrl(api, urlId);
  if (found === undefined) return plain(response, 404, headers, null);
  const { fn, url } = found;
  api.journal?.reached(requestId, qualifiedArn(fn, url));
  if (isPreflight(request, url.cors)) {
    response.writeHead(200, { ...headers, ...preflightHeaders(request, url.cors ?? {}) }).end();
    return;
  }
  if (body === 'too-large') return plain(response, 413, headers, 'Request Too Large');
  const identity = identify(api, found, { request, body, requestId });
  if (identity.refusal !== undefined) {
    const reason = { 'x-local-refusal': headerText(identity.refusal) };
    api.journal?.refused(requestId, identity.refusal);
    if (identity.badSignature !== undefined) {
      // Seen by users of AWS: the one refusal that says what is wrong.
      response.writeHead(403, {
        ...headers,
        ...reason,
        'x-amzn-errortype': 'InvalidSignatureException',
        'content-type': 'application/json',
      });
      response.end(JSON.stringify({ message: identity.badSignature }));
      return;
    }
    return plain(response, 403, { ...headers, ...reason, 'x-amzn-errortype': 'AccessDeniedException' }, 'Forbidden');
  }
  const { caller } = identity;
  const now = systemClock.now();
  const traceId = request.headers['x-amzn-trace-id']?.toString() ?? newTraceId();
  const event = urlEvent({
    requestId,
    traceId,
    request,
    body,
    urlId,
    region: fn.region,
    target,
    caller,
    now,
  });
  await run(
    api,
    found,
    { requestId, traceId, payload: event },
    {
      response,
      headers: merged(headers, { 'x-amzn-trace-id': traceId }, corsHeaders(request, url.cors)),
    },
  );
}

interface FoundUrl {
  readonly fn: FunctionState;
  readonly url: FunctionUrlState;
}

function findUrl({ state }: LambdaApi, urlId: string): FoundUrl | undefined {
  for (const fn of state.functions.values()) {
    const url = fn.urls.find((candidate) => candidate.urlId === urlId);
    if (url !== undefined) return { fn, url };
  }
  return undefined;
}

interface Identity {
  /** Why the request is refused; undefined where it is not. */
  readonly refusal?: string;
  readonly caller: UrlRequest['caller'];
  /** AWS's words, where the signature is wrong. */
  readonly badSignature?: string | undefined;
}

/** Both actions are needed: `InvokeFunctionUrl` and, since November 2026, `InvokeFunction` through the URL. */
function identify(
  { authenticate, authorize }: LambdaApi,
  { fn, url }: FoundUrl,
  {
    request,
    body,
    requestId,
  }: { readonly request: IncomingMessage; readonly body: Buffer; readonly requestId: string },
): Identity {
  let caller: UrlRequest['caller'];
  let onBehalf: Readonly<Record<string, string>> = {};
  let who: Pick<AuthorizationRequest, 'principal' | 'sessionPolicy'> = { principal: { kind: 'anonymous' } };
  if (url.authType === 'AWS_IAM') {
    const signed = { method: request.method ?? '', url: request.url ?? '/', headers: request.headers, body, requestId };
    const identity: Authentication = authenticate(signed, 'lambda');
    if (!identity.authenticated) {
      const { message, type } = identity.error;
      const badSignature = type === 'InvalidSignatureException' ? message : undefined;
      return { refusal: identity.reason, caller: undefined, badSignature };
    }
    const { principal, sessionPolicy, context = {} } = identity.credentials;
    onBehalf = context;
    who = { principal, ...(sessionPolicy && { sessionPolicy }) };
    caller = { accessKeyId: identity.accessKeyId, principal };
  }
  const resource = qualifiedArn(fn, url);
  const asked: readonly { readonly action: string; readonly context: Readonly<Record<string, string>> }[] = [
    { action: 'lambda:InvokeFunctionUrl', context: { 'lambda:FunctionUrlAuthType': url.authType } },
    { action: 'lambda:InvokeFunction', context: { 'lambda:InvokedViaFunctionUrl': 'true' } },
  ];
  // All of them: whoever adds the first permission would only learn then that the second is missing as well.
  const [refused, ...others] = asked
    .map(({ action, context }) =>
      authorize({ ...who, action, context: merged(context, onBehalf), resource, requestId }),
    )
    .filter(({ allowed }) => !allowed);
  return refused === undefined ? { caller } : { refusal: refusalReason(refused, ...others), caller };
}

async function run(
  api: LambdaApi,
  { fn, url }: FoundUrl,
  event: Pick<InvocationRequest, 'requestId' | 'traceId' | 'payload'>,
  { response, headers }: Pick<UrlReply, 'response' | 'headers'>,
): Promise<void> {
  const { options, pool, state } = api;
  const { functionArn, functionName } = fn;
  const resourceArn = qualifiedArn(fn, url);
  const named = { functionName, qualifier: url.qualifier, functionArn, resourceArn };
  const invocation = api.countInvocation();
  const fault = decideFault(options, { operation: 'FunctionUrl', functionName, qualifier: url.qualifier, invocation });
  api.journal?.faulted(event.requestId, fault);
  const { delayMs } = fault;
  if (delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, delayMs));
  const configuration = resolveVersion(state, named, options.random ?? Math.random);
  const problem = runtimeProblem(configuration);
  const log = (message: string) => pool.log(functionArn, configuration, event.requestId, message);
  const onPiece = pieceListener(api, event.requestId);
  const onFailure = (words: string) => api.journal?.refused(event.requestId, words);
  const reply: UrlReply = { response, headers, fault, options, cors: url.cors, log, onPiece, onFailure };
  if (problem !== undefined) return badGateway(reply, problem);
  const request = { ...event, invokedFunctionArn: resourceArn };
  const started =
    fault.throttle === true
      ? 'throttled'
      : await pool.invoke(functionArn, configuration, request, fn.reservedConcurrency);
  if (typeof started === 'string') return plain(response, 429, headers, 'Rate Exceeded.');
  const begun = await started.response;
  if (begun.kind === 'failure') badGateway(reply, begun.failure);
  else if (url.invokeMode === 'RESPONSE_STREAM' && begun.response.streaming) {
    await streamReply(reply, begun.response, started);
  } else await bufferedReply(reply, begun.response, started);
}

function qualifiedArn({ functionArn }: FunctionState, { qualifier }: FunctionUrlState): string {
  return qualifier === undefined ? functionArn : `${functionArn}:${qualifier}`;
}

function plain(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  Message: string | null,
): void {
  response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify({ Message }));
}
