/**
 * CloudFront distributions: finds the behavior, makes the request that its policies let through, signs it, and passes the
 * response on as it comes. Nothing is cached. How each rule is known stands in docs/local-cloudfront.md.
 */
import { randomBytes } from 'node:crypto';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { type PlatformTime, realMs } from '../../clock';
import type { BehaviorState, DistributionState, OriginState } from '../../cloudfront-state';
import { readRequestBody } from '../../http/request-body';
import type { SigningKeys } from '../../http/sign-request';
import { signRequest } from '../../http/sign-request';
import { matchesWildcard } from '../../iam/wildcards';
import { headerText } from '../../operations/url-response';
import { hasFrontEnd, type LocalState } from '../../state';
import { type EdgeResponse, runViewerRequest } from './edge-function';
import { type EdgeRequest, originHeaders, originQuery } from './origin-request';

/** Lambda's origins take 6 MB, API Gateway's 10. */
const REQUEST_MAX_BYTES = 64 * 1024 * 1024;

export interface DistributionsProps extends PlatformTime {
  readonly state: LocalState;
  /** `http://127.0.0.1:<port>`, where the other front ends answer. */
  readonly endpoint: () => string;
  /** Credentials by which CloudFront signs in the name of a distribution. */
  readonly keysFor: (distributionArn: string) => SigningKeys;
}

/** Ends a request with an answer of CloudFront's own. */
class EdgeRefusal extends Error {
  public override readonly name = 'EdgeRefusal';

  public constructor(
    public readonly status: number,
    reason: string,
  ) {
    super(reason);
  }
}

export async function serveDistribution(
  props: DistributionsProps,
  distribution: DistributionState,
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const id = randomBytes(42).toString('base64url');
  const body = await readRequestBody(request, REQUEST_MAX_BYTES);
  if (body === 'aborted') return;
  const edge = {
    'x-cache': 'Miss from cloudfront',
    via: '1.1 local.cloudfront.net (CloudFront)',
    'x-amz-cf-pop': 'LOCAL50-C1',
    'x-amz-cf-id': id,
  };
  try {
    if (body === 'too-large') throw new EdgeRefusal(413, 'the body is too large');
    const [path = '/', query = ''] = splitOnce(target, '?');
    const viewer = {
      method: request.method ?? 'GET',
      path: path === '/' ? `/${distribution.defaultRootObject}` : path,
      query,
      headers: headersOf(request),
      viewerIp: request.socket.remoteAddress ?? '',
      httpVersion: request.httpVersion,
    };
    const behavior = behaviorFor(distribution, viewer, body);
    const changed = atTheEdge(props.state, distribution, behavior, viewer, id);
    if ('statusCode' in changed) {
      const { statusCode, headers } = changed;
      response.writeHead(statusCode, { ...headers, ...edge, 'x-cache': 'FunctionGeneratedResponse from cloudfront' });
      response.end(changed.body);
      return;
    }
    passOn(await openOrigin(props, distribution, behavior, { request: changed, body, id }), response, edge);
  } catch (error) {
    if (!(error instanceof EdgeRefusal)) throw error;
    const { status, message } = error;
    response
      .writeHead(status, {
        ...edge,
        'x-cache': 'Error from cloudfront',
        'content-type': 'text/html',
        [status < 500 ? 'x-local-refusal' : 'x-local-failure']: headerText(message),
      })
      .end(`<html><body><h1>${status} ERROR</h1></body></html>`);
  }
}

/** Several values of a header are one. */
function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const given = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || name.startsWith(':') ? [] : [[name, [value].flat().join(', ')] as const],
  );
  return Object.fromEntries(given);
}

/** @throws EdgeRefusal where no behavior takes the request */
function behaviorFor(distribution: DistributionState, { method, path }: EdgeRequest, body: Buffer): BehaviorState {
  if (!distribution.enabled) throw new EdgeRefusal(403, 'the distribution is disabled');
  const behavior = distribution.behaviors.find(({ pathPattern }) => matchesPath(pathPattern, path));
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
function atTheEdge(
  state: LocalState,
  { distributionId }: DistributionState,
  { viewerRequest }: BehaviorState,
  viewer: EdgeRequest,
  requestId: string,
): EdgeRequest | EdgeResponse {
  if (viewerRequest === undefined) return viewer;
  const edgeFunction = state.edgeFunctions.get(viewerRequest);
  if (edgeFunction === undefined) throw new EdgeRefusal(503, `the CloudFront Function ${viewerRequest} is gone`);
  const distributionDomainName = viewer.headers['host'] ?? '';
  try {
    return runViewerRequest(edgeFunction, viewer, { distributionDomainName, distributionId, requestId });
  } catch (error) {
    throw new EdgeRefusal(503, String((error as Error | undefined)?.message ?? error));
  }
}

interface ViewerRequest {
  readonly request: EdgeRequest;
  readonly body: Buffer;
  readonly id: string;
}

/** The head of the origin's response. */
function openOrigin(
  props: DistributionsProps,
  distribution: DistributionState,
  behavior: BehaviorState,
  { request, body, id }: ViewerRequest,
): Promise<IncomingMessage> {
  const { method, path, query } = request;
  const origin = distribution.origins.get(behavior.originId);
  if (origin === undefined) throw new EdgeRefusal(502, `the distribution has no origin '${behavior.originId}'`);
  const place = locate(props, origin);
  if (behavior.forwarding.host && place.isAws) {
    throw new EdgeRefusal(
      403,
      `the policies of '${behavior.pathPattern}' forward the viewer's Host, which ${origin.domainName} does not answer to; use AllViewerExceptHostHeader`,
    );
  }
  const forwardedQuery = originQuery(query, behavior.forwarding);
  const url = `${origin.originPath}${path}${forwardedQuery === '' ? '' : `?${forwardedQuery}`}`;
  const headers: Record<string, string> = {
    ...originHeaders(request, behavior.forwarding, origin, id),
    host: place.host,
  };
  const signs =
    origin.signing === 'always' || (origin.signing === 'no-override' && headers['authorization'] === undefined);
  const signed = signs
    ? signRequest({ method, url, headers, body }, props.keysFor(distribution.arn), {
        region: place.region,
        service: 'lambda',
        // CloudFront does not read the body: it signs the hash that the viewer sends, or none.
        payloadHash: headers['x-amz-content-sha256'] ?? (body.length > 0 ? 'UNSIGNED-PAYLOAD' : undefined),
      })
    : headers;
  return send(origin, realMs(props, origin.readTimeoutMs), { method, url, headers: signed, body, port: place.port });
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly region: string;
  readonly isAws: boolean;
}

const AWS_ORIGIN = /^([a-z0-9]+)\.(lambda-url|execute-api)\.([a-z0-9-]+)\.(?:on\.aws|amazonaws\.com(?:\.cn)?)$/;
const LOOPBACK = /^(127\.0\.0\.1|localhost)$/;

/** Where the origin answers here. @throws EdgeRefusal where nothing does */
function locate({ endpoint, state }: DistributionsProps, { domainName, port }: OriginState): Place {
  const [, id = '', frontEnd, region = ''] = AWS_ORIGIN.exec(domainName) ?? [];
  const here = Number(new URL(endpoint()).port);
  if (frontEnd !== undefined && hasFrontEnd(state, frontEnd as 'lambda-url' | 'execute-api', id)) {
    return { host: `${id}.${frontEnd}.${region}.localhost:${here}`, port: here, region, isAws: true };
  }
  if (LOOPBACK.test(domainName)) return { host: `${domainName}:${port}`, port, region: '', isAws: false };
  throw new EdgeRefusal(
    501,
    `the local target does not play the origin ${domainName}; it plays function URLs and APIs that are deployed here, and servers on localhost`,
  );
}

interface OriginRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly port: number;
}

/** @throws EdgeRefusal where no head comes */
function send(
  { readTimeoutMs }: OriginState,
  waitMs: number,
  { method, url, headers, body, port }: OriginRequest,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let head: IncomingMessage | undefined;
    const upstream = httpRequest({ host: '127.0.0.1', port, method, path: url, headers, agent: false }, (answer) => {
      head = answer;
      resolve(answer);
    });
    // The silence before the first byte, and between two of them.
    upstream.setTimeout(waitMs, () => {
      reject(new EdgeRefusal(504, `the origin was silent for ${readTimeoutMs / 1_000} s`));
      upstream.destroy();
      head?.destroy(new Error('silent'));
    });
    upstream.on('error', (error) => reject(new EdgeRefusal(502, `the origin does not answer: ${error.message}`)));
    upstream.end(body);
  });
}

/** They concern one connection, or are said by CloudFront. */
const HOP = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'trailer', 'via', 'x-cache'];

function passOn(origin: IncomingMessage, response: ServerResponse, edge: Readonly<Record<string, string>>): void {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(origin.headers)) {
    if (value !== undefined && !HOP.includes(name)) headers[name] = value;
  }
  response.writeHead(origin.statusCode ?? 502, { ...headers, ...edge });
  // Status and headers are news of their own: the body may take its time.
  response.flushHeaders();
  origin.pipe(response);
  // A response that breaks off must not look whole.
  origin.on('error', () => response.destroy());
  response.on('close', () => origin.destroy());
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
