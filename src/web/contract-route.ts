/** A contract inside a fetch app: what `streamHandler` gives answers a `Request` of one of the app's routes. */
import { PreludeSplitter } from '../wire/http-prelude';
import type { LambdaContext, ResponseWriter } from '../wire/lambda-runtime';
import type { LambdaEnv } from './invocation';
import type { StreamingHandler } from './keep-streaming';

/** Bytes that wait for the reader before the producer has to. */
const HIGH_WATER_MARK = 65_536;
/** The contract's own marker is to be written before the app's deadline ends the response, in milliseconds. */
const EARLIER_MS = 100;

/**
 * A route that speaks the contract: `app.post('/chat', (c) => chat(c.req.raw, c.env))` with
 * `const chat = contractRoute(streamHandler(contract, produce))`. Its input is the JSON of the body, without a body the
 * query; its chunks, markers and errors are those of the handler.
 *
 * @param handler what `streamHandler` or `streamWriterHandler` gave
 * @throws TypeError for anything else
 */
export function contractRoute(
  handler: StreamingHandler,
): (request: Request, env?: Partial<LambdaEnv>) => Promise<Response> {
  if (typeof handler !== 'function') {
    throw new TypeError(`contractRoute needs what streamHandler gives, got ${typeof handler}`);
  }
  return async (request, { context } = {}) => {
    const event = await eventOf(request);
    return new Promise((resolve, reject) => {
      const { writer, fail } = responseWriter(request, resolve);
      handler(event, writer, earlier(context)).catch((error) => {
        fail(error);
        reject(error);
      });
    });
  };
}

/** The request as the handler reads it: payload 2.0. */
async function eventOf(request: Request): Promise<object> {
  const { searchParams, pathname, search } = new URL(request.url);
  return {
    version: '2.0',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    requestContext: { http: { method: request.method, path: pathname } },
    headers: Object.fromEntries(request.headers),
    queryStringParameters: Object.fromEntries(searchParams),
    body: await request.text(),
    isBase64Encoded: false,
  };
}

/** Takes what the handler writes: the prelude becomes the head of a `Response`, the rest its body. */
function responseWriter(
  request: Request,
  respond: (response: Response) => void,
): { readonly writer: ResponseWriter; fail(error: unknown): void } {
  const splitter = new PreludeSplitter();
  const waiting: ((error?: Error) => void)[] = [];
  const release = (error?: Error): void => {
    for (const done of waiting.splice(0)) done(error);
  };
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let isLeft = false;
  let failure: { readonly error: unknown } | undefined;
  /** Breaks the body once what was written is read: an error at once would throw away the marker that says why. */
  const failWhenRead = (): void => {
    if (failure && controller?.desiredSize === HIGH_WATER_MARK) controller.error(failure.error);
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start: (given) => {
        controller = given;
      },
      pull: () => {
        release();
        failWhenRead();
      },
      cancel: () => {
        isLeft = true;
        release(new Error('the response was left by its reader'));
      },
    },
    { highWaterMark: HIGH_WATER_MARK, size: (chunk) => chunk?.length ?? 0 },
  );
  return {
    fail: (error) => {
      failure = { error };
      failWhenRead();
    },
    writer: {
      write: (bytes, done) => {
        const { prelude } = splitter;
        const rest = splitter.push(bytes);
        if (!prelude && splitter.prelude) respond(responseOf(splitter.prelude, body, request.method));
        if (isLeft) {
          done(new Error('the response was left by its reader'));
          return false;
        }
        if (rest.length) controller?.enqueue(rest);
        if ((controller?.desiredSize ?? 0) > 0) {
          done();
          return true;
        }
        waiting.push(done);
        return false;
      },
      end: () => {
        if (!isLeft) controller?.close();
      },
    },
  };
}

function responseOf(
  { statusCode = 200, headers, cookies = [] }: NonNullable<PreludeSplitter['prelude']>,
  body: ReadableStream<Uint8Array>,
  method: string,
): Response {
  const given = new Headers(headers);
  for (const cookie of cookies) given.append('set-cookie', cookie);
  const hasBody = method !== 'HEAD' && statusCode !== 204 && statusCode !== 304;
  return new Response(hasBody ? body : null, { status: statusCode, headers: given });
}

function earlier<C extends LambdaContext | undefined>(context: C): C {
  if (!context) return context;
  return { ...context, getRemainingTimeInMillis: () => context.getRemainingTimeInMillis() - EARLIER_MS };
}
