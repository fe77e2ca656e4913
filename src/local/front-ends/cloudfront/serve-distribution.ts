/**
 * CloudFront distributions: finds the behavior, makes the request that its policies let through, signs it, and passes the
 * response on as it comes. Nothing is cached. How each rule is known stands in docs/local-cloudfront.md.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BehaviorState, DistributionState, ResponseHeaders } from '../../cloudfront-state';
import { readRequestBody } from '../../http/request-body';
import { matchesWildcard } from '../../iam/wildcards';
import { journalTime } from '../../journal/journal';
import { headerText } from '../../operations/url-response';
import { type EdgeResponse, runViewerRequest } from './edge-function';
import { EdgeRefusal } from './edge-refusal';
import { type EdgePassage, runTrigger } from './lambda-at-edge';
import type { EdgeRequest } from './origin-request';
import { type DistributionsProps, edgeConfig, openOrigin } from './reach-origin';
import { atViewerResponse, discard, type OriginAnswer, orDiscard } from './response-functions';
import { withPolicy, withServerTiming } from './response-headers';

const POP = 'LOCAL50-C1';

/** Lambda's origins take 6 MB, API Gateway's 10. */
const REQUEST_MAX_BYTES = 64 * 1024 * 1024;

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html */
const URL_MAX_LENGTH = 8_192;
const HEAD_MAX_BYTES = 20 * 1_024;

export async function serveDistribution(
  props: DistributionsProps,
  distribution: DistributionState,
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const id = randomBytes(42).toString('base64url');
  const { journal } = props;
  const [at, tag] = [journalTime(), journal?.takeTag(request)];
  /** What the origin answers is told as a call of that. */
  const answersItself = (refusal?: string) => {
    journal?.accepted(id, { operation: 'CloudFront', request, response, at, tag });
    if (refusal !== undefined) journal?.refused(id, refusal);
  };
  const body = await readRequestBody(request, REQUEST_MAX_BYTES);
  if (body === 'aborted') return;
  const receivedAt = performance.now();
  const edge = {
    'x-cache': 'Miss from cloudfront',
    via: '1.1 local.cloudfront.net (CloudFront)',
    'x-amz-cf-pop': POP,
    'x-amz-cf-id': id,
  };
  const [path = '/', query = ''] = splitOnce(target, '?');
  const viewer = {
    method: request.method ?? 'GET',
    path: path === '/' ? `/${distribution.defaultRootObject}` : path,
    query,
    headers: headersOf(request),
    viewerIp: request.socket.remoteAddress ?? '',
    httpVersion: request.httpVersion,
  };
  const { responseHeaders } = behaviorAt(distribution, viewer.path) ?? {};
  const visit = { props, distribution, viewer, id, tag, response, edge, answersItself, responseHeaders, receivedAt };
  try {
    if (target.length > URL_MAX_LENGTH) throw new EdgeRefusal(413, `the address is longer than ${URL_MAX_LENGTH}`);
    const headBytes = headBytesOf(target, request);
    if (headBytes > HEAD_MAX_BYTES) {
      throw new EdgeRefusal(
        413,
        `the request line and the headers have ${headBytes} bytes, more than ${HEAD_MAX_BYTES}`,
      );
    }
    if (body === 'too-large') throw new EdgeRefusal(413, 'the body is too large');
    const behavior = behaviorFor(distribution, viewer, body);
    const changed = await atTheEdge(visit, behavior, body);
    if ('statusCode' in changed) return answerAtEdge(visit, changed);
    const answer = await openOrigin(props, distribution, behavior, { ...changed, id, tag });
    const { isGenerated, statusCode } = answer;
    if (isGenerated || !distribution.errorPages.has(statusCode)) return await respond(visit, behavior, answer);
    discard(answer);
    await passErrorPage(visit, statusCode);
  } catch (error) {
    if (!(error instanceof EdgeRefusal)) throw error;
    if (error.hasPage && distribution.errorPages.has(error.status)) {
      await passErrorPage(visit, error.status, error).catch((failure: unknown) => refuse(visit, failure));
    } else refuse(visit, error);
  }
}

/** A viewer's request and what its answer is written with. */
interface Visit {
  readonly props: DistributionsProps;
  readonly distribution: DistributionState;
  readonly viewer: EdgeRequest;
  readonly id: string;
  readonly tag: string | undefined;
  readonly response: ServerResponse;
  readonly responseHeaders: ResponseHeaders | undefined;
  /** When the whole of the request was there, on the clock of `performance`. */
  readonly receivedAt: number;
  /** Headers of CloudFront's own. */
  readonly edge: Readonly<Record<string, string>>;
  /** Tells the journal that the answer is CloudFront's own, and why where it is a refusal. */
  readonly answersItself: (refusal?: string) => void;
}

function refuse({ answersItself, response, edge }: Visit, error: unknown): void {
  if (!(error instanceof EdgeRefusal)) throw error;
  const { status, message } = error;
  answersItself(message);
  response
    .writeHead(status, {
      ...edge,
      'x-cache': 'Error from cloudfront',
      'content-type': 'text/html',
      ...reasonOf(status, message),
    })
    .end(`<html><body><h1>${status} ERROR</h1></body></html>`);
}

function reasonOf(status: number, message: string): Record<string, string> {
  return { [status < 500 ? 'x-local-refusal' : 'x-local-failure']: headerText(message) };
}

/** The page is asked for like any other; where it is missing, the viewer gets what that request did. */
async function passErrorPage(visit: Visit, status: number, refusal?: EdgeRefusal): Promise<void> {
  const { props, distribution, viewer, id, tag } = visit;
  const { pagePath, responseCode } = distribution.errorPages.get(status) ?? { pagePath: '/' };
  const method = viewer.method === 'HEAD' ? 'HEAD' : 'GET';
  const { 'content-length': _, 'content-type': __, range: ___, ...headers } = viewer.headers;
  const request = { ...viewer, method, path: pagePath, query: '', headers };
  const body = Buffer.alloc(0);
  const asked = { request, body, id, tag };
  const page = await openOrigin(props, distribution, behaviorFor(distribution, request, body), asked);
  if (page.isGenerated) return answerAtEdge(visit, page);
  visit.answersItself(refusal?.message ?? `the origin answered ${status}: the error page ${pagePath} takes its place`);
  const isThere = page.statusCode < 400;
  passOn(
    {
      ...visit,
      edge: { ...visit.edge, ...(refusal && reasonOf(status, refusal.message)), 'x-cache': 'Error from cloudfront' },
    },
    underPolicy(visit, page),
    isThere ? (responseCode ?? status) : undefined,
  );
}

/** Several values of a header are one. */
function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const given = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || name.startsWith(':') ? [] : [[name, [value].flat().join(', ')] as const],
  );
  return Object.fromEntries(given);
}

function behaviorAt({ behaviors }: DistributionState, path: string): BehaviorState | undefined {
  return behaviors.find(({ pathPattern }) => matchesPath(pathPattern, path));
}

/** @throws EdgeRefusal where no behavior takes the request */
function behaviorFor(distribution: DistributionState, { method, path }: EdgeRequest, body: Buffer): BehaviorState {
  if (!distribution.enabled) throw new EdgeRefusal(403, 'the distribution is disabled');
  const behavior = behaviorAt(distribution, path);
  if (behavior === undefined) throw new EdgeRefusal(404, `no behavior is for ${path}`);
  if (!behavior.allowedMethods.includes(method)) {
    const allowed = behavior.allowedMethods.join(', ');
    throw new EdgeRefusal(403, `the behavior '${behavior.pathPattern}' allows ${allowed}, got ${method}`);
  }
  if (method === 'GET' && body.length > 0) throw new EdgeRefusal(403, 'CloudFront takes no GET with a body');
  if (behavior.unplayed === undefined) return behavior;
  throw new EdgeRefusal(501, `the local target does not play ${behavior.unplayed}`);
}

/** What the function of a behavior makes of the request. A changed path leads to no other behavior. */
async function atTheEdge(
  { distribution, id, props, viewer }: Visit,
  { viewerRequest, viewerTrigger }: BehaviorState,
  body: Buffer,
): Promise<EdgePassage | EdgeResponse> {
  const config = edgeConfig(distribution, viewer, id);
  const passage = { request: viewer, body };
  if (viewerTrigger !== undefined) return await runTrigger(props.runAtEdge, viewerTrigger, config, passage);
  if (viewerRequest === undefined) return passage;
  const edgeFunction = props.state.edgeFunctions.get(viewerRequest);
  if (edgeFunction === undefined) throw new EdgeRefusal(503, `the CloudFront Function ${viewerRequest} is gone`);
  try {
    const changed = runViewerRequest(edgeFunction, viewer, config);
    return 'statusCode' in changed ? changed : { request: changed, body };
  } catch (error) {
    if (error instanceof EdgeRefusal) throw error;
    throw new EdgeRefusal(503, String((error as Error | undefined)?.message ?? error), { hasPage: false });
  }
}

/** Policy and function shape what goes to the viewer, in this order. */
async function respond(visit: Visit, behavior: BehaviorState, answer: OriginAnswer): Promise<void> {
  const { distribution, id, props, viewer } = visit;
  const shaped = answer.isGenerated ? answer : underPolicy(visit, answer);
  const config = edgeConfig(distribution, viewer, id);
  const changed = await orDiscard(answer, atViewerResponse(props, behavior, config, viewer, shaped));
  if (answer.isGenerated) answerAtEdge(visit, changed);
  else passOn(visit, changed);
}

function underPolicy({ id, receivedAt, responseHeaders, viewer }: Visit, answer: OriginAnswer): OriginAnswer {
  const downstreamMs = performance.now() - receivedAt;
  const headers = withServerTiming(withPolicy(answer.headers, responseHeaders, viewer), responseHeaders, viewer, {
    pop: POP,
    requestId: id,
    upstreamMs: answer.waitedMs,
    downstreamMs,
  });
  return { ...answer, headers };
}

function answerAtEdge(
  { answersItself, edge, response }: Visit,
  { statusCode, headers, body }: EdgeResponse | OriginAnswer,
): void {
  answersItself();
  response.writeHead(statusCode, { ...headers, ...edge, 'x-cache': 'FunctionGeneratedResponse from cloudfront' });
  response.end(body);
}

function passOn({ edge, response }: Visit, { body, headers, statusCode }: OriginAnswer, status = statusCode): void {
  response.writeHead(status, { ...headers, ...edge });
  if (Buffer.isBuffer(body)) {
    response.end(body);
    return;
  }
  // Status and headers are news of their own: the body may take its time.
  response.flushHeaders();
  // A response that breaks off must not look whole.
  if (body.errored) {
    response.destroy();
    return;
  }
  body.pipe(response);
  body.on('error', () => response.destroy());
  response.on('close', () => body.destroy());
}

/** `*` stands for any characters, slashes included. */
function matchesPath(pattern: string, path: string): boolean {
  return matchesWildcard(
    pattern === '*' || pattern.startsWith('/') || pattern.startsWith('*') ? pattern : `/${pattern}`,
    path,
  );
}

function splitOnce(text: string, separator: string): string[] {
  const index = text.indexOf(separator);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

/** As HTTP/1.1 writes them. */
function headBytesOf(target: string, { httpVersion, method = '', rawHeaders }: IncomingMessage): number {
  const line = `${method} ${target} HTTP/${httpVersion}\r\n`.length;
  // A name is followed by `: `, a value by the end of the line.
  return rawHeaders.reduce((bytes, text) => bytes + text.length + 2, line);
}
