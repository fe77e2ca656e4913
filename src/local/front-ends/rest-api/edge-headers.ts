/**
 * What the CloudFront in front of an edge-optimized API adds to each request
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format).
 */
import { headerOf, type RestCall } from './rest-call';

/** Whether a viewer's own header of that name, in lower case, gives way. */
export const isOfEdge = (lower: string): boolean =>
  lower.startsWith('cloudfront-') || lower === 'via' || lower === 'x-amz-cf-id';

/** Nobody knows here who the viewer is: all of them sit at a desktop in one place. */
const VIEWER = [
  ['CloudFront-Forwarded-Proto', 'https'],
  ['CloudFront-Is-Desktop-Viewer', 'true'],
  ['CloudFront-Is-Mobile-Viewer', 'false'],
  ['CloudFront-Is-SmartTV-Viewer', 'false'],
  ['CloudFront-Is-Tablet-Viewer', 'false'],
  ['CloudFront-Viewer-ASN', '16509'],
  ['CloudFront-Viewer-Country', 'US'],
] as const;

export function edgeHeaders({ request, extendedRequestId }: RestCall): readonly (readonly [string, string])[] {
  const before = headerOf(request, 'via');
  const via = `${request.httpVersion} local.cloudfront.net (CloudFront)`;
  return [
    ...VIEWER,
    ['Via', before === undefined ? via : `${before}, ${via}`],
    ['X-Amz-Cf-Id', `edge-${extendedRequestId}`],
  ];
}
