/**
 * The condition keys that a request to S3 has by itself: how it was signed, and what its headers ask for.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html and
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys
 */
import type { IncomingHttpHeaders } from 'node:http';
import { parseTime, type RequestSignature } from '../../http/request-signature';

const HEADERS =
  /^(if-match|if-none-match|x-amz-(?:acl|content-sha256|copy-source|grant-[a-z-]+|metadata-directive|object-ownership|server-side-encryption(?:-[a-z-]+)?|storage-class|website-redirect-location))$/;

/** @param signature undefined of a request that nobody signed */
export function requestKeys(
  headers: IncomingHttpHeaders,
  signature: RequestSignature | undefined,
  now: number,
): Readonly<Record<string, string>> {
  const asked = Object.entries(headers).flatMap(([name, value]) =>
    HEADERS.test(name) && value !== undefined ? [[`s3:${name}`, String(value)]] : [],
  );
  const isPresigned = signature?.expiresSeconds !== undefined;
  return {
    ...Object.fromEntries(asked),
    // Loopback stands for TLS here.
    's3:TlsVersion': '1.3',
    ...(signature && {
      's3:authType': isPresigned ? 'REST-QUERY-STRING' : 'REST-HEADER',
      's3:signatureversion': 'AWS4-HMAC-SHA256',
    }),
    ...(isPresigned && { 's3:signatureAge': String(Math.max(0, now - parseTime(signature.time))) }),
  };
}
