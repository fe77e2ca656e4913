/**
 * What of a viewer's request reaches the origin
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html).
 */
import type { Forwarding, Selection } from '../../cloudfront-state';

/** A viewer's request, as functions at the edge may change it. */
export interface EdgeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly viewerIp: string;
  readonly httpVersion: string;
}

/** They never reach an origin, whatever a policy says. */
const NEVER =
  /^(:.*|connection|expect|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|x-edge-.*|x-forwarded-proto|x-http-method-override|x-real-ip)$/;
/** They come with the body, without a policy; the hash is what CloudFront signs. */
const WITH_BODY = ['content-type', 'content-length', 'x-amz-content-sha256'];

export function originHeaders(
  request: EdgeRequest,
  { headers: which, cookies }: Forwarding,
  id: string,
): Record<string, string> {
  const forwarded: Record<string, string> = { 'user-agent': 'Amazon CloudFront' };
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || NEVER.test(name) || name === 'cookie') continue;
    if (WITH_BODY.includes(name) || selects(which, name)) forwarded[name] = value;
  }
  const kept = (request.headers['cookie'] ?? '')
    .split(/; */)
    .filter((cookie) => cookie !== '' && selects(cookies, cookie.split('=')[0] ?? ''));
  if (kept.length > 0) forwarded['cookie'] = kept.join('; ');
  const before = request.headers['x-forwarded-for'];
  return {
    ...forwarded,
    'x-forwarded-for': before === undefined ? request.viewerIp : `${before}, ${request.viewerIp}`,
    via: `${request.httpVersion} local.cloudfront.net (CloudFront)`,
    'x-amz-cf-id': id,
  };
}

export function originQuery(query: string, { queryString }: Forwarding): string {
  if (queryString.kind === 'all') return query;
  return query
    .split('&')
    .filter((pair) => pair !== '' && selects(queryString, pair.split('=')[0] ?? ''))
    .join('&');
}

function selects(selection: Selection, name: string): boolean {
  if (selection.kind === 'all') return true;
  return selection.names.includes(name) === (selection.kind === 'listed');
}
