/**
 * `InvokeWithResponseStream` as a `fetch`: stock clients call a function by IAM, without an HTTP endpoint. The function gets
 * the event of a function URL (payload format 2.0) and answers with an HTTP prelude.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
import { bytesToBase64 } from '../base/bytes';
import { streamContract } from '../contract/stream-contract';
import { isStreamError, StreamError } from '../stream/errors/stream-error';
import { isProxyResponse, MARK_DROPPED } from '../stream/reading/content-type';
import { isBodiless, toReadableStream } from '../stream/reading/web-streams';
import { wholeBody } from '../stream/reading/whole-body';
import type { HttpPrelude } from '../wire/http-prelude';
import type { StreamInvokerOptions } from './invoke-options';
import type { InvokedStream } from './invoked-stream';
import { streamInvoker } from './stream-invoker';

/** As for `streamInvoker()`; `logs` is `'tail'` unless told otherwise, because most bodies have no end mark. */
export type InvokeFetchOptions = StreamInvokerOptions;

/**
 * A `fetch` that invokes the function that `options` name, whatever the host of the URL is: give it to a client that takes
 * one, such as `new OpenAI({ baseURL: 'https://function/v1', fetch: invokeFetch({ functionName: 'chat' }) })`. The function
 * is one of `webHandler`, `nodeHandler` or another adapter that streams to function URLs.
 *
 * It rejects with the errors of the invoker. A body that is cut off, at any place, fails when it is read: by its end mark
 * or length, the platform's word or the log. A client that tries again by itself invokes the function again.
 * @throws StreamError `CONFIG_INVALID` for an option that is unknown or has a wrong value
 */
export function invokeFetch(
  options: InvokeFetchOptions,
): (input: string | URL | Request, init?: RequestInit) => Promise<Response> {
  const invoker = streamInvoker(streamContract({ format: 'bytes' }), { logs: 'tail', ...options });
  return async (input, init) => {
    const request = new Request(input, init);
    const event = await eventOf(request);
    const stream = await invoker.invoke(event, { signal: request.signal });
    const http = await stream.http;
    if (http === undefined) throw await notHttp(stream);
    return responseOf(stream, http);
  };
}

/** The request as the event of a function URL; it names no domain, so that the function can tell a direct invoke. */
async function eventOf(request: Request): Promise<object> {
  const { method } = request;
  const { pathname, search, host } = new URL(request.url);
  const headers: Record<string, string> = { host };
  request.headers.forEach((value, name) => {
    if (name !== 'cookie') headers[name] = value;
  });
  const cookie = request.headers.get('cookie');
  const now = new Date();
  const event = {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    ...(cookie !== null && { cookies: cookie.split('; ') }),
    headers,
    requestContext: {
      http: { method, path: pathname, protocol: 'HTTP/1.1', userAgent: headers['user-agent'] },
      routeKey: '$default',
      stage: '$default',
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
  };
  if (request.body === null) return { ...event, isBase64Encoded: false };
  const bytes = new Uint8Array(await request.arrayBuffer());
  headers['content-length'] ??= String(bytes.length);
  return { ...event, ...bodyOf(bytes) };
}

/** Text as it is, as a function URL passes it on; bytes that are not UTF-8 as base64. */
function bodyOf(bytes: Uint8Array): { readonly body: string; readonly isBase64Encoded: boolean } {
  try {
    return { body: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), isBase64Encoded: false };
  } catch {
    return { body: bytesToBase64(bytes), isBase64Encoded: true }; // not text: that is all the decoder has to say
  }
}

function responseOf(stream: InvokedStream<Uint8Array, unknown>, http: HttpPrelude): Response {
  const { statusCode: status = 200 } = http;
  const headers = new Headers(http.headers);
  for (const cookie of http.cookies ?? []) headers.append('set-cookie', cookie);
  if (isBodiless(status)) {
    // Nobody reads a body that is not there; the result reads the stream to its end.
    stream.result.catch(() => undefined);
    return new Response(null, { status, headers });
  }
  const promise = { contentType: headers.get('content-type'), length: headers.get('content-length') };
  const body = toReadableStream(status < 500 ? stream.payload() : toldByStatus(stream.payload()));
  return new Response(status < 300 ? wholeBody(body, promise) : body, { status, headers });
}

/** The body of an error: its status says already that the function failed, and its text is for people to read. */
async function* toldByStatus(payload: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* payload;
  } catch (error) {
    if (!isStreamError(error, 'FUNCTION_ERROR')) throw error;
  }
}

/** @returns the error for an answer without an HTTP prelude, or the one that the stream itself ends with */
async function notHttp(stream: InvokedStream<Uint8Array, unknown>): Promise<StreamError> {
  const text = (await stream.text()).slice(0, 200);
  const advice = isProxyResponse(text)
    ? MARK_DROPPED
    : 'invokeFetch() needs a function that answers a function URL by a stream, as webHandler() does';
  const message = `the function answered without an HTTP prelude (${stream.contentType ?? 'no content type'}): ${JSON.stringify(text)}; ${advice}`;
  const facts = { phase: 'end', invoked: 'yes', requestId: stream.requestId } as const;
  return StreamError.of('DECODE', message, { kind: 'prelude-missing', excerpt: text }, facts);
}
