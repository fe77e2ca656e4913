/**
 * Sends a request of CloudFront to its origin: finds where that answers here, signs, and tries again where CloudFront does
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html).
 */
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { findBucket } from '../../bootstrap';
import { type PlatformTime, realMs } from '../../clock';
import type { BehaviorState, DistributionState, OriginState } from '../../cloudfront-state';
import { type SigningKeys, signRequest } from '../../http/sign-request';
import type { Journal } from '../../journal/journal';
import { hasFrontEnd, type LocalState } from '../../state';
import { EdgeRefusal } from './edge-refusal';
import { type EdgePassage, type RunAtEdge, requestIn, runTrigger } from './lambda-at-edge';
import { type EdgeRequest, originHeaders, originQuery } from './origin-request';
import { answerOf, atOriginResponse, type OriginAnswer, orDiscard } from './response-functions';

export interface DistributionsProps extends PlatformTime {
  readonly state: LocalState;
  /** `http://127.0.0.1:<port>`, where the other front ends answer. */
  readonly endpoint: () => string;
  /** Credentials by which CloudFront signs in the name of a distribution. */
  readonly keysFor: (distributionArn: string) => SigningKeys;
  readonly runAtEdge: RunAtEdge;
  readonly journal?: Journal | undefined;
}

/** A request on its way to the origin. */
export interface ViewerRequest {
  readonly request: EdgeRequest;
  readonly body: Buffer;
  readonly id: string;
  /** By which the journal's reader knows the call. */
  readonly tag: string | undefined;
}

/**
 * The origin's response with a head that has come, and what a function has made of it; or what one answers in its place.
 * @throws EdgeRefusal where none comes
 */
export async function openOrigin(
  props: DistributionsProps,
  distribution: DistributionState,
  behavior: BehaviorState,
  { request, body, id, tag }: ViewerRequest,
): Promise<OriginAnswer> {
  const origin = distribution.origins.get(behavior.originId);
  if (origin === undefined) throw new EdgeRefusal(502, `the distribution has no origin '${behavior.originId}'`);
  const { forwarding, originResponseTrigger, originTrigger, pathPattern } = behavior;
  const headers = { ...originHeaders(request, forwarding, id), host: origin.domainName };
  const forwarded = { body, request: { ...request, headers, query: originQuery(request.query, forwarding) }, origin };
  const config = edgeConfig(distribution, request, id);
  const passage =
    originTrigger === undefined ? forwarded : await runTrigger(props.runAtEdge, originTrigger, config, forwarded);
  if ('statusCode' in passage) return { ...passage, body: Buffer.from(passage.body), isGenerated: true, waitedMs: 0 };
  const { origin: chosen = origin } = passage;
  const place = locate(props, chosen);
  if (forwarding.host && place.isAws) {
    throw new EdgeRefusal(
      403,
      `the policies of '${pathPattern}' forward the viewer's Host, which ${chosen.domainName} does not answer to; use AllViewerExceptHostHeader`,
    );
  }
  const sent = originRequest(props.keysFor(distribution.arn), chosen, place, passage);
  // Others change something: whoever sends them twice does it twice.
  const attempts = sent.method === 'GET' || sent.method === 'HEAD' ? chosen.connectionAttempts : 1;
  for (let left = attempts; ; left--) {
    try {
      const sentAt = performance.now();
      const head = await send(props, chosen, sent, tag);
      const answer = answerOf(head, performance.now() - sentAt);
      if (originResponseTrigger === undefined) return answer;
      const seen = requestIn(passage.request, chosen);
      return await orDiscard(answer, atOriginResponse(props.runAtEdge, originResponseTrigger, config, seen, answer));
    } catch (error) {
      if (!(error instanceof EdgeRefusal) || error.status !== 504 || left <= 1) throw error;
    }
  }
}

/** What functions at the edge are told of the distribution. */
export function edgeConfig({ distributionId }: DistributionState, { headers }: EdgeRequest, requestId: string) {
  return { distributionDomainName: headers['host'] ?? '', distributionId, requestId };
}

function originRequest(
  keys: SigningKeys,
  origin: OriginState,
  place: Place,
  { request, body }: EdgePassage,
): OriginRequest {
  const { method, path, query } = request;
  const url = `${origin.originPath}${path}${query === '' ? '' : `?${query}`}`;
  const headers: Record<string, string> = { ...given(request.headers), ...origin.customHeaders, host: place.host };
  // A function may have put another body in the place of the viewer's.
  if (headers['content-length'] !== undefined) headers['content-length'] = String(body.length);
  const signs =
    origin.signing === 'always' || (origin.signing === 'no-override' && headers['authorization'] === undefined);
  const signed = signs
    ? signRequest({ method, url, headers, body }, keys, {
        region: place.region,
        service: place.service,
        // CloudFront does not read the body: it signs the hash that the viewer sends, or none.
        payloadHash:
          headers['x-amz-content-sha256'] ??
          (body.length > 0 || place.service === 's3' ? 'UNSIGNED-PAYLOAD' : undefined),
      })
    : headers;
  return { method, url, headers: signed, body, port: place.port, isAws: place.isAws };
}

function given(headers: EdgeRequest['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly region: string;
  /** What CloudFront signs for. */
  readonly service: 'lambda' | 's3';
  readonly isAws: boolean;
}

const AWS_ORIGIN = /^([a-z0-9]+)\.(lambda-url|execute-api)\.([a-z0-9-]+)\.(?:on\.aws|amazonaws\.com(?:\.cn)?)$/;
/** `<bucket>.s3.<region>.amazonaws.com`, and the older form without a region. */
const BUCKET = /^([a-z0-9][a-z0-9.-]+)\.s3(?![.-]website)(?:[.-]([a-z0-9-]+))?\.amazonaws\.com(?:\.cn)?$/;
/** `<bucket>.s3-website-<region>.amazonaws.com`, in newer regions with a dot. */
const WEBSITE = /^([a-z0-9][a-z0-9.-]+)\.s3-website[.-]([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;
const LOOPBACK = /^(127\.0\.0\.1|localhost)$/;

/** Where the origin answers here. @throws EdgeRefusal where nothing does */
function locate({ endpoint, state }: DistributionsProps, { domainName, port }: OriginState): Place {
  const [, id = '', frontEnd, region = ''] = AWS_ORIGIN.exec(domainName) ?? [];
  const here = Number(new URL(endpoint()).port);
  if (frontEnd !== undefined && hasFrontEnd(state, frontEnd as 'lambda-url' | 'execute-api', id)) {
    const host = `${id}.${frontEnd}.${region}.localhost:${here}`;
    return { host, port: here, region, service: 'lambda', isAws: true };
  }
  const bucket = findBucket(state, BUCKET.exec(domainName)?.[1] ?? '');
  if (bucket !== undefined) {
    const host = `${bucket.bucketName}.s3.${bucket.region}.localhost:${here}`;
    return { host, port: here, region: bucket.region, service: 's3', isAws: true };
  }
  const [, site = ''] = WEBSITE.exec(domainName) ?? [];
  const own = findBucket(state, site);
  if (own !== undefined) {
    const host = `${site}.s3-website-${own.region}.localhost:${here}`;
    return { host, port: here, region: own.region, service: 's3', isAws: true };
  }
  if (LOOPBACK.test(domainName)) {
    return { host: `${domainName}:${port}`, port, region: '', service: 'lambda', isAws: false };
  }
  throw new EdgeRefusal(
    501,
    `the local target does not play the origin ${domainName}; it plays function URLs, APIs and buckets that are deployed here, and servers on localhost`,
  );
}

interface OriginRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly port: number;
  readonly isAws: boolean;
}

/** Connections to this target are kept, as CloudFront keeps them; free ones keep no process from ending. */
const KEPT = new Agent({ keepAlive: true });

/** @throws EdgeRefusal where no head comes */
function send(
  props: DistributionsProps,
  { completionTimeoutMs, readTimeoutMs }: OriginState,
  { method, url, headers, body, port, isAws }: OriginRequest,
  tag: string | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let head: IncomingMessage | undefined;
    const agent = isAws && KEPT;
    const upstream = httpRequest({ host: '127.0.0.1', port, method, path: url, headers, agent }, (answer) => {
      head = answer;
      resolve(answer);
    });
    if (tag !== undefined && isAws) {
      upstream.once('socket', (socket) => {
        const pass = () =>
          upstream.once('close', props.journal?.tagNext(socket.localPort ?? 0, tag) ?? (() => undefined));
        if (socket.connecting) socket.once('connect', pass);
        else pass();
      });
    }
    const giveUp = (reason: string) => {
      reject(new EdgeRefusal(504, reason));
      upstream.destroy();
      head?.destroy(new Error(reason));
    };
    // The silence before the first byte, and between two of them.
    upstream.setTimeout(realMs(props, readTimeoutMs), () =>
      giveUp(`the origin was silent for ${readTimeoutMs / 1_000} s`),
    );
    if (completionTimeoutMs !== undefined) {
      const reason = `the origin took longer than ${completionTimeoutMs / 1_000} s`;
      const whole = setTimeout(() => giveUp(reason), realMs(props, completionTimeoutMs));
      upstream.on('close', () => clearTimeout(whole));
    }
    upstream.on('error', (error) => reject(new EdgeRefusal(502, `the origin does not answer: ${error.message}`)));
    upstream.end(body);
  });
}
