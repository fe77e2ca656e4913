/**
 * Wrappers around a handler that stays a streaming one: middy, monitoring agents, closures. Most of them know handlers of
 * an event and a context only, and drop the mark by which the runtime knows a streaming handler.
 */
import { HTTP_INTEGRATION_CONTENT_TYPE } from '../wire/content-types';
import { encodePrelude } from '../wire/http-prelude';
import type { AwsLambdaGlobal, LambdaContext, ResponseWriter } from '../wire/lambda-runtime';

/** A handler as wrappers know it. */
export type PlainHandler = (event: never, context: LambdaContext) => Promise<unknown>;

/** What the runtime calls. */
export type StreamingHandler = (event: unknown, stream: ResponseWriter, context?: LambdaContext) => Promise<unknown>;

interface Invoked {
  readonly stream: ResponseWriter;
  /** What the inner handler did; undefined as long as it was not called. */
  result?: Promise<unknown>;
}

/**
 * `export const handler = keepStreaming(Sentry.wrapHandler)(webHandler(app.fetch))`, and in the same way for
 * `streamHandler` and `(inner) => middy(inner).use(…)`. The wrapper sees a handler of event and context that gives
 * nothing; the response goes to its stream past it. A failure stays one, also where the wrapper hides it. A wrapper that
 * answers by itself, as one that checks a token may, sends what it gives: a proxy response or any JSON.
 *
 * @throws TypeError for a wrapper that gives no function
 */
export function keepStreaming(wrap: (inner: PlainHandler) => unknown): (inner: unknown) => StreamingHandler {
  return (given) => {
    const inner = given as StreamingHandler;
    // By context: the runtime makes one for each invocation, and wrappers hand it on.
    const invocations = new WeakMap<object, Invoked>();
    let last: Invoked | undefined;
    const wrapped = wrap(((event, context) => {
      const invoked = invocations.get(Object(context)) ?? last;
      if (!invoked) return inner(event, context as never);
      invoked.result = inner(event, invoked.stream, context);
      return invoked.result;
    }) satisfies PlainHandler);
    if (typeof wrapped !== 'function') {
      throw new TypeError(`keepStreaming needs a wrapper that gives a handler, got ${typeof wrapped}`);
    }
    const handler = async (event: unknown, stream: ResponseWriter, context?: LambdaContext): Promise<unknown> => {
      // Called without a stream, as in a test: event and context only.
      if (!('write' in Object(stream))) return wrapped(event, stream);
      const invoked: Invoked = { stream };
      last = invoked;
      invocations.set(Object(context), invoked);
      const answer: unknown = await wrapped(event, context);
      if (!invoked.result) answerOf(answer, stream);
      // What the wrapper made of a failure cannot be sent any more.
      await invoked.result;
      return undefined;
    };
    // The runtime takes a handler of three parameters for one that calls back.
    Object.defineProperty(handler, 'length', { value: 2 });
    return (globalThis as AwsLambdaGlobal).awslambda?.streamifyResponse?.(handler, highWaterMarkOf(inner)) ?? handler;
  };
}

function highWaterMarkOf(inner: unknown): { readonly highWaterMark?: number } {
  const mark: unknown = Object(inner)[Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark')];
  return typeof mark === 'number' ? { highWaterMark: mark } : {};
}

/** The wrapper's own answer, in the place of the handler's. */
function answerOf(answer: unknown, stream: ResponseWriter): void {
  const { statusCode, headers, cookies, body = '', isBase64Encoded } = Object(answer);
  const isHttp = typeof statusCode === 'number';
  if (isHttp) {
    stream.setContentType?.(HTTP_INTEGRATION_CONTENT_TYPE);
    stream.write(encodePrelude({ statusCode, headers, cookies }), reportNothing);
  } else {
    stream.setContentType?.('application/json');
  }
  const text = isHttp ? String(body) : (JSON.stringify(answer) ?? 'null');
  if (text) stream.write(Buffer.from(text, isHttp && isBase64Encoded ? 'base64' : 'utf8'), reportNothing);
  stream.end();
}

/** The runtime itself reports a stream that failed. */
const reportNothing = (): void => undefined;
