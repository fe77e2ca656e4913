/** What is wrong with the head of an HTTP response: said to its author, where a front end would only answer 502. */
import { isObject } from '../base/is-object';

const MEMBERS = ['statusCode', 'headers', 'cookies'];

/** @see https://www.rfc-editor.org/rfc/rfc9110.html#section-5.6.2 */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** @see https://www.rfc-editor.org/rfc/rfc9110.html#section-5.5 */
const LINE = /^[\t -~\x80-\xff]*$/;

/** Why `http` cannot be sent; undefined where it can: a final status, and values of one line in Latin-1. */
export function httpProblem(http: unknown): string | undefined {
  return isHead(http)
    ? undefined
    : `http must be { statusCode: 200 to 599, headers: { name: 'Latin-1' }, cookies: ['Latin-1'] }, got ${JSON.stringify(http)}`;
}

function isHead(http: unknown): boolean {
  if (!isObject(http) || !Object.keys(http).every((name) => MEMBERS.includes(name))) return false;
  const { statusCode = 200, headers = {}, cookies = [] } = http;
  return (
    Number.isInteger(statusCode) &&
    Number(statusCode) >= 200 &&
    Number(statusCode) <= 599 &&
    isObject(headers) &&
    Object.entries(headers).every(([name, value]) => TOKEN.test(name) && isLine(value)) &&
    Array.isArray(cookies) &&
    cookies.every(isLine)
  );
}

const isLine = (value: unknown): boolean => typeof value === 'string' && LINE.test(value);
