/** One invocation: the request out of the event, the answer against the deadline, its end or failure, the numbers. */
import { type Deadline, startDeadline } from '../base/deadline';
import type { HttpEvent } from '../wire/http-event';
import type { LambdaContext, ResponseWriter } from '../wire/lambda-runtime';
import { errorFrame, failureAt } from './error-frame';
import { type HttpOutput, httpOutput, type Measuring } from './http-output';
import { type HttpRequest, httpRequestOf } from './http-request';
import { type ProxyResponse, proxyResponse } from './proxy-response';
import type { WebHandlerOptions } from './web-options';
import { sendResponse } from './web-response';

/** What an app gets from Lambda beside the request. The names are those of other adapters. */
export interface LambdaEnv {
  /** As it came. */
  readonly event: unknown;
  /** The event's, with the authorizer's findings. */
  readonly requestContext: HttpEvent['requestContext'];
  readonly context: LambdaContext | undefined;
  readonly lambdaContext: LambdaContext | undefined;
  /** The client's address; with `trustProxy` the one that a proxy forwarded. */
  readonly remoteAddress: string | undefined;
  /** Milliseconds until the function's timeout; `Infinity` without a Lambda context. */
  remainingMs(): number;
  /**
   * Ends a response that its app knows to be cut off, as if its body had failed. For helpers that catch the errors of
   * their own stream and end it well: `streamSSE(c, write, async (error) => c.env.fail(error))` of Hono.
   */
  fail(error: unknown): void;
}

/** What an invocation gives to the app. */
interface Invocation {
  readonly env: LambdaEnv;
  readonly deadline: Deadline;
  /** Adds work that goes on after the response; Lambda waits for it, and bills it. */
  waitUntil(work: Promise<unknown>): void;
}

/** Makes the request as the app sees it, and what answers it. */
export type Answering<SeenRequest> = (
  request: HttpRequest,
  invocation: Invocation,
) => Answer<SeenRequest> | Promise<Answer<SeenRequest>>;

type Answer<SeenRequest> = readonly [seen: SeenRequest, answer: (output: HttpOutput) => Promise<void>];

/** An object, because anything can be thrown. */
interface Failed {
  readonly error: unknown;
}

/** Writes the response to `stream`, or gives it where there is none. Rejects to fail the invocation. */
export async function runInvocation<SeenRequest>(
  answering: Answering<SeenRequest>,
  options: WebHandlerOptions<SeenRequest>,
  event: HttpEvent,
  stream: ResponseWriter | undefined,
  context: LambdaContext | undefined,
): Promise<ProxyResponse | undefined> {
  const { onError, errorFrame: frame = 'auto', metrics } = options;
  const measured: Measuring = {
    outcome: 'complete',
    startedAt: Date.now(),
    bytes: 0,
    chunks: 0,
    requestId: context?.awsRequestId,
  };
  const { requestContext } = event;
  const request = httpRequestOf(event, options);
  /** The stream; a load balancer takes the response in one piece. */
  const live = requestContext.elb ? undefined : stream;
  const whole: Uint8Array[] = [];
  const writer: ResponseWriter = live ?? { write: (bytes) => whole.push(bytes) > 0, end: () => undefined };
  const remainingMs = () => context?.getRemainingTimeInMillis() ?? Infinity;
  const deadline = startDeadline(remainingMs(), options.deadlineMarginMs, (message) =>
    Object.assign(new Error(message), { name: 'DeadlineExceeded' }),
  );
  const { expired } = deadline;
  const pending: Promise<unknown>[] = [];
  let seen: SeenRequest | undefined;

  /** One answer, whole or failed; a failed one that the client has not seen may be followed by another. */
  const attempt = async (send: (output: HttpOutput) => Promise<void>): Promise<Failed | undefined> => {
    whole.length = 0;
    const output = httpOutput(writer, !!live, request.method, options, measured);
    try {
      await send(output);
      output.finish();
      return undefined;
    } catch (error) {
      output.fail(error, () => {
        const failure = failureAt(deadline);
        if (typeof frame === 'function') return seen ? frame(failure, seen) : '';
        return frame ? errorFrame(failure, request.body) : '';
      });
      return { error };
    }
  };

  let failed = await attempt(async (output) => {
    const { remoteAddress } = request;
    let fail: LambdaEnv['fail'] = () => undefined;
    const failedByApp = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const env: LambdaEnv = { event, requestContext, context, lambdaContext: context, remoteAddress, remainingMs, fail };
    const waitUntil = (work: Promise<unknown>): void => {
      pending.push(Promise.resolve(work).catch(reportOf('waitUntil')));
    };
    const [given, answer] = await answering(request, { env, deadline, waitUntil });
    seen = given;
    await Promise.race([expired, failedByApp, answer(output)]);
  });
  if (failed) {
    const { error } = failed;
    const begun = !!live && measured.firstByteAt !== undefined;
    measured.outcome = String(Object(error).name ?? 'Error');
    const replacement =
      seen && (await (async (request) => onError?.(error, { request, begun }))(seen).catch(reportOf('onError')));
    if (!begun) {
      if (replacement) failed = await attempt((output) => sendResponse(replacement, output));
      // Not the error's message, which may hold what is nobody's business.
      const { message, status } = failureAt(deadline);
      if (failed && live && measured.firstByteAt === undefined) {
        const plain = await attempt((output) => sendResponse(new Response(message, { status }), output));
        // Its status says it all, and its text is to be read: no cut.
        if (!plain) live.end();
      }
    }
  }
  if (stream && !failed) {
    if (!live) stream.write(Buffer.from(JSON.stringify(proxyResponse(event, whole))), () => undefined);
    stream.end();
  }
  // Not awaited: nothing is to wait for it.
  (async () => metrics?.({ ...measured, endedAt: Date.now() }))().catch(reportOf('metrics'));
  while (pending.length) await Promise.race([expired, Promise.all(pending.splice(0))]).catch(reportOf('waitUntil'));
  deadline.clear();
  // Of an error in a stream without an end the runtime tells Lambda, which cuts the connection; any other it logs.
  if (failed) throw failed.error;
  return stream ? undefined : proxyResponse(event, whole);
}

/** Logs an error that must not change the response. */
const reportOf =
  (what: string) =>
  (error: unknown): undefined =>
    void console.error(`${what}:`, error);
