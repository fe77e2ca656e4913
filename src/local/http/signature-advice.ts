/**
 * Says in words for people why a signature was refused and what to do, where AWS's own words fit anything. ASCII alone: it
 * travels in a header.
 */
import { createHash } from 'node:crypto';
import { headerText, type SignedRequest } from './request-signature';

const CLOUDFRONT_DOCS =
  'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html';
const URL_DOCS = 'https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html';
const API_DOCS = 'https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html';

const HASH = /^[0-9a-f]{64}$/;

/**
 * Undefined where AWS's words say it all.
 * @param type exception name of the refusal
 * @param service that the signature should be for
 */
export function signatureAdvice(type: string, request: SignedRequest, service: string): string | undefined {
  if (type === 'MissingAuthenticationTokenException') return unsigned(service);
  if (type === 'UnrecognizedClientException') {
    return 'this target did not give out these keys, or their session token is another; take those of local.clientConfig() or local.sign()';
  }
  return type === 'InvalidSignatureException' ? mismatch(request) : undefined;
}

function unsigned(service: string): string {
  const by =
    "sign it (Signature Version 4), for example by streamFetcher's option 'sign' with local.sign({ as }), " +
    `or by curl --aws-sigv4 "aws:amz:<region>:${service}"`;
  if (service === 'lambda')
    return `the request is not signed, and this address takes signed ones only; ${by} (${URL_DOCS})`;
  return `the request is not signed, and AWS_IAM authorizes this one; ${by} (${API_DOCS})`;
}

function mismatch(request: SignedRequest): string {
  const declared = headerText(request, 'x-amz-content-sha256');
  const actual = request.bodySha256 ?? createHash('sha256').update(request.body).digest('hex');
  const isOfCloudFront = headerText(request, 'x-amz-cf-id') !== undefined;
  if (declared !== undefined && HASH.test(declared) && declared !== actual) {
    return (
      `the header x-amz-content-sha256 is ${declared}, and the SHA-256 of the body that arrived is ${actual}: ` +
      `send that of the body as it is sent${isOfCloudFront ? ` (${CLOUDFRONT_DOCS})` : ''}`
    );
  }
  if (isOfCloudFront && request.body.length > 0) {
    return (
      'CloudFront signs without reading the body, so the viewer must send the SHA-256 of it in the header x-amz-content-sha256; ' +
      `use wholeFetch() or streamFetcher(), which send it, or add the header (${CLOUDFRONT_DOCS})`
    );
  }
  return 'the secret key is another one, or the method, path, query, a signed header or the body changed after it was signed';
}
