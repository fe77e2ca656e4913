/**
 * What the response headers policy of a behavior makes of the headers of a response.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html
 */
import type { CorsHeaders, ResponseHeaders } from '../../cloudfront-state';
import { matchesWildcard } from '../../iam/wildcards';
import type { EdgeRequest } from './origin-request';

type Headers = Readonly<Record<string, string | string[]>>;

export function withPolicy(headers: Headers, policy: ResponseHeaders | undefined, viewer: EdgeRequest): Headers {
  if (policy === undefined) return headers;
  const changed = Object.fromEntries(Object.entries(headers).filter(([name]) => !policy.remove.includes(name)));
  const set = (name: string, value: string, overrides: boolean) => {
    if (overrides || !Object.hasOwn(changed, name)) changed[name] = value;
  };
  if (policy.cors !== undefined) {
    const { overrides } = policy.cors;
    for (const [name, value] of corsValues(policy.cors, viewer)) set(`access-control-${name}`, value, overrides);
  }
  for (const { name, overrides, value } of policy.add) set(name, value, overrides);
  return changed;
}

/** What CloudFront measures of a response that came from the origin. */
interface ServedTimes {
  readonly pop: string;
  readonly requestId: string;
  /** From the request to the first byte of the origin. */
  readonly upstreamMs: number;
  /** From the end of the viewer's request until now. */
  readonly downstreamMs: number;
}

/**
 * The metrics of a cache miss over a connection that was kept, behind those of the origin; for the share of responses that
 * the policy says, and for whoever asks by `Pragma: server-timing`.
 */
export function withServerTiming(
  headers: Headers,
  policy: ResponseHeaders | undefined,
  viewer: EdgeRequest,
  { downstreamMs, pop, requestId, upstreamMs }: ServedTimes,
): Headers {
  if (policy?.serverTiming === undefined) return headers;
  const isAskedFor = viewer.headers['pragma']?.toLowerCase() === 'server-timing';
  if (!isAskedFor && Math.random() * 100 >= policy.serverTiming) return headers;
  const metrics = [
    ...[headers['server-timing'] ?? []].flat(),
    'cdn-upstream-layer;desc="EDGE"',
    'cdn-upstream-dns;dur=0',
    'cdn-upstream-connect;dur=0',
    `cdn-upstream-fbl;dur=${Math.round(upstreamMs)}`,
    'cdn-cache-miss',
    `cdn-pop;desc="${pop}"`,
    `cdn-rid;desc="${requestId}"`,
    `cdn-downstream-fbl;dur=${Math.round(downstreamMs)}`,
  ];
  return { ...headers, 'server-timing': metrics.join(',') };
}

/** Of a request across origins; a preflight is told what it may ask for. */
function corsValues(cors: CorsHeaders, { headers, method }: EdgeRequest): (readonly [name: string, value: string])[] {
  const { origin } = headers;
  if (origin === undefined) return [];
  const isAny = cors.origins.includes('*');
  if (!isAny && !cors.origins.some((pattern) => matchesOrigin(pattern, origin))) return [];
  const isPreflight = method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
  const listed = (name: string, values: readonly string[]) =>
    values.length === 0 ? [] : [[name, values.join(', ')] as const];
  return [
    ['allow-origin', isAny ? '*' : origin] as const,
    ...(cors.credentials ? [['allow-credentials', 'true'] as const] : []),
    ...(isPreflight
      ? [
          ...listed('allow-headers', cors.allowHeaders),
          ...listed('allow-methods', cors.allowMethods),
          ...(cors.maxAge === undefined ? [] : [['max-age', cors.maxAge] as const]),
        ]
      : listed('expose-headers', cors.exposeHeaders)),
  ];
}

/** `https://*.example.com`, or without a scheme, which stands for both. */
function matchesOrigin(pattern: string, origin: string): boolean {
  return matchesWildcard(pattern, pattern.includes('://') ? origin : origin.replace(/^\w+:\/\//, ''));
}
