/** The response in one piece, for front ends that do not stream. */
import type { HttpEvent } from '../wire/http-event';

/**
 * What a load balancer, an API or a function URL takes from a function that does not stream.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html#respond-to-load-balancer
 */
export interface ProxyResponse {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of `headers` where the event has them so. */
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  /** For payload 2.0. */
  readonly cookies?: readonly string[];
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** @param written what a stream would have got: the prelude with its eight NUL bytes, then the body */
export function proxyResponse(
  { requestContext, multiValueHeaders }: HttpEvent,
  written: readonly Uint8Array[],
): ProxyResponse {
  const all = Buffer.concat(written);
  const end = all.indexOf(0);
  const { statusCode, headers, cookies } = JSON.parse(`${all.subarray(0, end)}`);
  const bytes = all.subarray(end + 8);
  const text = `${bytes}`;
  // Bytes that are not UTF-8 would not come out of text as they went in.
  const isBase64Encoded = !bytes.equals(Buffer.from(text));
  const common = { statusCode, body: isBase64Encoded ? bytes.toString('base64') : text, isBase64Encoded };
  if (requestContext.http) return { ...common, headers, cookies };
  if (multiValueHeaders) {
    const all = Object.entries<string>(headers).map(([name, value]) => [name, [value]]);
    return { ...common, multiValueHeaders: { ...Object.fromEntries(all), 'set-cookie': cookies } };
  }
  // There is one value for each name, so each cookie has a name that differs in case, and is the same header.
  for (const [at, cookie] of cookies.entries()) headers[inOtherCase(at)] = cookie;
  return { ...common, headers };
}

/** `set-cookie` in upper case where the number has a bit. */
function inOtherCase(at: number): string {
  let bit = 0;
  return 'set-cookie'.replace(/[a-z]/g, (letter) => ((at >> bit++) & 1 ? letter.toUpperCase() : letter));
}
