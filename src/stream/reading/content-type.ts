/** Whether a response is the contract's stream or something else that happened to answer, such as an error page. */
import type { StreamContract } from '../../contract/stream-contract';
import { DEFAULT_CONTENT_TYPE, FORMAT_CONTENT_TYPES } from '../../wire/content-types';
import { excerpt, mediaType } from '../errors/refusal';

/** Other names in use for the same thing. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  'application/x-ndjson': [
    'application/ndjson',
    'application/jsonl',
    'application/x-jsonlines',
    'application/jsonlines',
  ],
};

/** Where the end is marked in the payload, a contract that does not look for the mark would take a part for the whole. */
const MARKED_TYPES = [FORMAT_CONTENT_TYPES.ndjson, FORMAT_CONTENT_TYPES.sse];

/** The media types in which a stream of `contract` comes; undefined where any may be. */
export function expectedTypes(contract: StreamContract, more: readonly string[]): readonly string[] | undefined {
  if (contract.format === 'bytes') return undefined;
  const own =
    mediaType(contentTypeIn(contract.http?.headers)) ?? mediaType(FORMAT_CONTENT_TYPES[contract.format]) ?? '';
  return [own, ...(ALSO[own] ?? []), ...more.map((type) => mediaType(type) ?? '')];
}

/** Value of the header `content-type`, however its name is written. */
export function contentTypeIn(headers: Readonly<Record<string, string>> = {}): string | undefined {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
}

/** A function that sets no type leaves the runtime's default, which says nothing; neither does a missing one. */
export function isExpectedType(type: string | undefined, expected: readonly string[] | undefined): boolean {
  return expected === undefined || type === undefined || type === DEFAULT_CONTENT_TYPE || expected.includes(type);
}

/** Why a web handler answers as if it could not stream, and what to do. */
export const MARK_DROPPED =
  'a wrapper around its handler dropped the mark of a streaming handler: use keepStreaming() of cdk-lambda-streaming/web';

/**
 * Whether a payload begins like what functions return to API Gateway and function URLs that do not stream.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload
 */
export function isProxyResponse(beginning: string): boolean {
  return /^\s*\{\s*("(isBase64Encoded|statusDescription)"\s*:\s*[^,]+,\s*)*"statusCode"\s*:\s*\d/.test(beginning);
}

/** What a payload that is not the contract's stream seems to be. */
export interface ForeignPayload {
  readonly message: string;
  readonly kind: 'content-type' | 'proxy-response';
  readonly excerpt: string;
}

/**
 * Looks at a payload that came without the contract's end marker and without a chunk, or whose contract has no marker. Undefined
 * where its type is the contract's, or says nothing: then the function that broke off was the right one.
 * @param beginning the first bytes of the payload, as text
 */
export function findForeignPayload(
  { format, completion }: StreamContract,
  contentType: string | undefined,
  expected: readonly string[] | undefined,
  beginning: string,
): ForeignPayload | undefined {
  if (expected === undefined) return undefined;
  const found = excerpt(beginning).slice(0, 80);
  const type = mediaType(contentType);
  if (completion === 'marker' && isProxyResponse(beginning) && (type === undefined || !expected.includes(type))) {
    const message = `the function answered with a proxy response in one piece, not with a stream of format '${format}': ${JSON.stringify(found)}; ${MARK_DROPPED}`;
    return { message, kind: 'proxy-response', excerpt: found };
  }
  if (isExpectedType(type, expected)) return undefined;
  // Of other types a contract without markers can be meant to read: what it reads ends where the platform says so.
  if (completion === 'platform' && !MARKED_TYPES.some((marked) => marked === type)) return undefined;
  const message = `the function answered with ${type}, not with a stream of format '${format}' (${expected[0]}): ${JSON.stringify(found)}; deploy handler and caller with the same contract, and check the name of the function`;
  return { message, kind: 'content-type', excerpt: found };
}
