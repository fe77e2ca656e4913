/** A Lambda handler from a fetch function: `Request` in, `Response` out, streamed. */
import { withSignal } from '../base/deadline';
import type { LambdaEnv } from './invocation';
import { lambdaHandler, type WebLambdaHandler } from './lambda-handler';
import type { WebHandlerOptions } from './web-options';
import { sendResponse } from './web-response';

/** What a fetch function gets as third argument; Workers have the same. */
export interface WebExecutionContext {
  /** Adds work that goes on after the response. Lambda waits for it, and bills it. */
  waitUntil(work: Promise<unknown>): void;
  /** There is nothing to pass through to. */
  passThroughOnException(): void;
  readonly props: Readonly<Record<string, unknown>>;
}

/** The fetch function of an app, for example of Hono, h3, Elysia, an MCP server or a hand-written one. */
export type FetchFunction = (
  request: Request,
  env: LambdaEnv,
  ctx: WebExecutionContext,
) => Response | Promise<Response>;

/**
 * A handler that answers with what `app` gives: `export const handler = webHandler(app.fetch)`.
 *
 * `request.signal` aborts at the deadline, shortly before the function's timeout. Not when the client goes away: Lambda
 * does not tell the function, which runs on and is billed. A clone of the request has another signal, and so has
 * `fetch(request)`: give that `{ signal: request.signal }`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 * @throws TypeError for an invalid app or option
 */
export function webHandler(
  app: FetchFunction | { readonly fetch: FetchFunction },
  options: WebHandlerOptions = {},
): WebLambdaHandler {
  const answer: FetchFunction = typeof app === 'function' ? app : (...given) => app.fetch(...given);
  if (typeof app !== 'function' && typeof app?.fetch !== 'function') {
    throw new TypeError(`webHandler needs a fetch function or an object with one, got ${typeof app}`);
  }
  // Node.js loads them when they are first used, and what reads them too, which takes 20 ms: better here than in the
  // first invocation.
  const { headers } = new Request('http://localhost', { headers: [['a', 'b']] });
  void new Response('x', { headers: [...headers] }).body?.getReader().read();
  return lambdaHandler(
    'webHandler',
    ({ method, origin, target, headers, body }, { env, deadline, waitUntil }) => {
      // Given to the constructor, a signal costs as much as the rest of the request, and few apps ask for it.
      const request = withSignal(new Request(origin + target, { method, headers, body }), deadline);
      const ctx = { waitUntil, passThroughOnException: () => undefined, props: {} };
      return [request, async (output) => sendResponse(await answer(request, env, ctx), output)];
    },
    options,
  );
}
