/** The response in one piece, for front ends that do not stream. */
import type { HttpEvent } from './http-event';
import type { ResponseHead, ResponseSink } from './http-output';

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

/** Text, as far as nobody compressed it. All else goes as base64, which is right for any bytes. */
const TEXT = /^(text\/|application\/([^;]*\+)?(json|xml|javascript|x-www-form-urlencoded|x-ndjson)\b)/i;

/** Collects a response; `answer` gives it. */
export function proxySink(event: HttpEvent): ResponseSink & { answer(): ProxyResponse } {
  const pieces: Uint8Array[] = [];
  let head: ResponseHead = { statusCode: 200, headers: {}, cookies: [] };
  return {
    isLive: false,
    head: (given) => {
      head = given;
      pieces.length = 0;
    },
    write: async (bytes) => void pieces.push(bytes),
    answer: () => {
      const { statusCode, headers, cookies } = head;
      const isText = TEXT.test(headers['content-type'] ?? '') && !headers['content-encoding'];
      const body = Buffer.concat(pieces).toString(isText ? 'utf8' : 'base64');
      return { statusCode, ...headersFor(event, headers, cookies), body, isBase64Encoded: !isText };
    },
  };
}

function headersFor(
  { requestContext, multiValueHeaders }: HttpEvent,
  headers: ResponseHead['headers'],
  cookies: ResponseHead['cookies'],
): Partial<ProxyResponse> {
  if (requestContext.http) return { headers, cookies };
  const all = Object.entries(headers).map(([name, value]) => [name, [value]] as const);
  if (multiValueHeaders) return { multiValueHeaders: { ...Object.fromEntries(all), 'set-cookie': cookies } };
  // There is one value for each name, so each cookie has a name that differs in case, and is the same header.
  return { headers: { ...headers, ...Object.fromEntries(cookies.map((cookie, at) => [inOtherCase(at), cookie])) } };
}

/** `set-cookie` in upper case where the number has a bit. */
function inOtherCase(at: number): string {
  let bit = 0;
  return 'set-cookie'.replace(/[a-z]/g, (letter) => ((at >> bit++) & 1 ? letter.toUpperCase() : letter));
}
