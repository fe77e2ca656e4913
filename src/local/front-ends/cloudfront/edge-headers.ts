/**
 * Headers that functions at the edge do not see, and those that they see and may not touch
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html).
 */
import type { EdgeTrigger } from '../../cloudfront-state';
import { EdgeRefusal } from './edge-refusal';

/** The function that has returned headers. */
interface EdgeAuthor {
  /** As it is called in a message. */
  readonly name: string;
  /** No error page stands for what a CloudFront Function does wrong. */
  readonly hasPage: boolean;
}

type Values = Readonly<Record<string, string | string[] | undefined>>;

const HIDDEN =
  /^(connection|expect|keep-alive|proxy-(authenticate|authorization|connection)|trailer|upgrade|x-accel-(buffering|charset|limit-rate|redirect)|x-amz-cf-.+|x-amzn-(auth|cf-billing|cf-id|cf-xff|errortype|fle-profile|header-count|header-order|lambda-integration-tag|requestid)|x-cache|x-edge-.+|x-forwarded-proto|x-real-ip)$/;

const READ_ONLY: Readonly<Record<EdgeTrigger['eventType'], readonly string[]>> = {
  'viewer-request': ['cdn-loop', 'content-length', 'host', 'transfer-encoding', 'via'],
  'origin-request': [
    'accept-encoding',
    'cdn-loop',
    'content-length',
    'if-modified-since',
    'if-none-match',
    'if-range',
    'if-unmodified-since',
    'transfer-encoding',
    'via',
  ],
  'origin-response': ['transfer-encoding', 'via'],
  'viewer-response': ['content-encoding', 'content-length', 'transfer-encoding', 'via', 'warning'],
};

/** Those that a function sees. */
export function shown<T>(headers: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HIDDEN.test(name)));
}

/**
 * The headers of a response that a function has returned, and those that it has not seen.
 * @throws EdgeRefusal for what it may not touch
 */
export function mergedResponse<T extends string | string[]>(
  event: 'origin-response' | 'viewer-response',
  by: EdgeAuthor,
  before: Readonly<Record<string, T>>,
  returned: Readonly<Record<string, T>>,
): Record<string, T> {
  const changed = READ_ONLY[event].filter((name) => String(before[name]) !== String(returned[name]));
  refuseTouched(by, 'response', returned, changed);
  return { ...returned, ...hidden(before) };
}

/**
 * The headers of a request that a function has returned, those that it has not seen, and those that it cannot leave out.
 * @throws EdgeRefusal for what it may not add or edit
 */
export function mergedRequest(
  event: 'origin-request' | 'viewer-request',
  by: EdgeAuthor,
  before: Readonly<Record<string, string | undefined>>,
  returned: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
  const locked = READ_ONLY[event];
  const changed = locked.filter((name) => returned[name] !== undefined && returned[name] !== before[name]);
  refuseTouched(by, 'request', returned, changed);
  const kept = Object.fromEntries(Object.entries(before).filter(([name]) => locked.includes(name)));
  return { ...returned, ...kept, ...hidden(before) };
}

function hidden<T>(headers: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => HIDDEN.test(name)));
}

function refuseTouched(
  { hasPage, name }: EdgeAuthor,
  what: string,
  returned: Values,
  changed: readonly string[],
): void {
  const [first] = [...Object.keys(returned).filter((header) => HIDDEN.test(header)), ...changed];
  if (first === undefined) return;
  throw new EdgeRefusal(502, `the ${name} must not change the header ${first} of a ${what}`, { hasPage });
}
