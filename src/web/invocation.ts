/** One invocation: the request out of the event, the answer against the deadline, its end or failure, the numbers. */
import type { LambdaContext, ResponseWriter } from '../wire/lambda-runtime';
import { startDeadline } from './deadline';
import { errorFrame, failureAt } from './error-frame';
import type { HttpEvent } from './http-event';
import { type HttpOutput, httpOutput, type Measuring, streamSink } from './http-output';
import { type HttpRequest, httpRequestOf } from './http-request';
import { type ProxyResponse, proxySink } from './proxy-response';
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
}

/** What an invocation gives to the app. */
interface Invocation {
  readonly env: LambdaEnv;
  /** Aborts at the deadline. */
  readonly signal: AbortSignal;
  /** Adds work that goes on after the response; Lambda waits for it, and bills it. */
  waitUntil(work: Promise<unknown>): void;
}

/** Makes the request as the app sees it, and what answers it. */
export type Answering<SeenRequest> = (
  request: HttpRequest,
  invocation: Invocation,
) => Answer<SeenRequest> | Promise<Answer<SeenRequest>>;

type Answer<SeenRequest> = readonly [seen: SeenRequest, answer: (output: HttpOutput) => Promise<void>];

interface Failed {
  readonly error: unknown;
  /** Whether the client has a status and headers already. */
  readonly hasBegun: boolean;
}

/** Writes the response to `stream`, or gives it where there is none. Rejects to fail the invocation. */
export async function runInvocation<SeenRequest>(
  answering: Answering<SeenRequest>,
  options: WebHandlerOptions<SeenRequest>,
  event: HttpEvent,
  stream: ResponseWriter | undefined,
  context: LambdaContext | undefined,
): Promise<ProxyResponse | undefined> {
  const { onError, errorFrame: frame = 'auto', headersWaitMs, metrics } = options;
  const measured: Measuring = {
    outcome: 'complete',
    startedAt: Date.now(),
    bytes: 0,
    chunks: 0,
    requestId: context?.awsRequestId,
  };
  const { requestContext } = event;
  const request = httpRequestOf(event, options);
  const { method, remoteAddress } = request;
  const proxy = proxySink(event);
  const sink = stream && !requestContext.elb ? streamSink(stream) : proxy;
  const remainingMs = () => context?.getRemainingTimeInMillis() ?? Infinity;
  const { signal, expired, clear } = startDeadline(remainingMs(), options.deadlineMarginMs);
  const pending: Promise<unknown>[] = [];
  let seen: SeenRequest | undefined;

  /** One answer, whole or failed; a failed one that the client has not seen may be followed by another. */
  const attempt = async (send: (output: HttpOutput) => Promise<void>): Promise<Failed | undefined> => {
    const output = httpOutput(sink, method, options, measured);
    try {
      await send(output);
      output.finish();
      return undefined;
    } catch (error) {
      const { hasBegun } = output;
      output.fail(error, () => {
        const failure = failureAt(signal);
        if (typeof frame === 'function') return seen ? frame(failure, seen) : '';
        return frame ? errorFrame(failure, request) : '';
      });
      return { error, hasBegun };
    }
  };

  const answerApp = async (output: HttpOutput): Promise<void> => {
    const env = { event, requestContext, context, lambdaContext: context, remoteAddress, remainingMs };
    const waitUntil = (work: Promise<unknown>): void => {
      pending.push(Promise.resolve(work).catch((error) => console.error('waitUntil:', error)));
    };
    const [given, answer] = await answering(request, { env, signal, waitUntil });
    seen = given;
    await Promise.race([expired, answer(output)]);
  };

  /** What `onError` gives, else a plain status: not the error's message, which may hold what is nobody's business. */
  const answerError = async ({ error, hasBegun }: Failed): Promise<Failed | undefined> => {
    measured.outcome = String(Object(error).name ?? 'Error');
    let replacement: Response | undefined;
    try {
      replacement = (seen && (await onError?.(error, { request: seen, begun: hasBegun }))) || undefined;
    } catch (problem) {
      console.error('onError:', problem);
    }
    let failed: Failed | undefined = { error, hasBegun };
    if (replacement && !hasBegun) {
      const given = replacement;
      failed = await attempt((output) => sendResponse(given, output, headersWaitMs));
    }
    if (failed && !failed.hasBegun && sink.isLive) {
      const { message, status } = failureAt(signal);
      await attempt((output) => sendResponse(new Response(message, { status }), output, 0));
    }
    return failed;
  };

  let failed = await attempt(answerApp);
  if (failed) failed = await answerError(failed);
  if (stream && !failed) {
    if (!sink.isLive) stream.write(Buffer.from(JSON.stringify(proxy.answer())), () => undefined);
    stream.end();
  }
  // Not awaited: nothing is to wait for it.
  (async () => metrics?.({ ...measured, endedAt: Date.now() }))().catch((error) => console.error('metrics:', error));
  try {
    while (pending.length) await Promise.race([expired, Promise.all(pending.splice(0))]);
  } catch (error) {
    console.error('waitUntil:', error);
  }
  clear();
  // Without an end: the runtime then tells Lambda of the error, which cuts the connection.
  if (failed) throw failed.error;
  return stream ? undefined : proxy.answer();
}
