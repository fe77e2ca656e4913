/**
 * The signatures of a body that is sent in chunks: each covers the one before, the first that of the request.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestSignature } from './request-signature';
import { hmac, signingKey } from './sigv4';

export interface ChunkSignatures {
  /** Whether `signature` is that of the next chunk; @param sha256 of its bytes, in hexadecimal digits */
  isOfChunk(signature: string | undefined, sha256: string): boolean;
  /** Whether `signature` is that of what follows the last chunk, a line for each trailing header. */
  isOfTrailers(signature: string | undefined, canonical: string): boolean;
}

const EMPTY = createHash('sha256').digest('hex');

/** What verifies the chunks of the request that has `seed`. */
export function chunkSignatures(secretAccessKey: string, seed: RequestSignature): ChunkSignatures {
  const { day, region, service, time } = seed;
  const key = signingKey(secretAccessKey, seed);
  const scope = `${time}\n${day}/${region}/${service}/aws4_request`;
  let previous = seed.signature;
  const isNext = (signature: string | undefined, toSign: string) => {
    const expected = hmac(key, toSign);
    const given = Buffer.from(signature ?? '', 'hex');
    previous = expected.toString('hex');
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
  return {
    isOfChunk: (signature, sha256) =>
      isNext(signature, `AWS4-HMAC-SHA256-PAYLOAD\n${scope}\n${previous}\n${EMPTY}\n${sha256}`),
    isOfTrailers: (signature, canonical) => {
      const sha256 = createHash('sha256').update(canonical).digest('hex');
      return isNext(signature, `AWS4-HMAC-SHA256-TRAILER\n${scope}\n${previous}\n${sha256}`);
    },
  };
}
