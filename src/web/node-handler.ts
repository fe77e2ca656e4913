/** A Lambda handler from a listener of Node.js, as Express, Koa, Fastify and NestJS make one. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { withSignal } from '../base/deadline';
import type { LambdaEnv } from './invocation';
import { lambdaHandler, type WebLambdaHandler } from './lambda-handler';
import { loadNodeExchange, type NodeExchange } from './node-exchange';
import type { WebHandlerOptions } from './web-options';

/** What `http.createServer` takes. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** An `http.Server` that does not listen, as Fastify has one. */
export interface NodeServer {
  emit(event: 'request', request: IncomingMessage, response: ServerResponse): unknown;
}

/** What a listener finds as `request.lambda`. */
export interface LambdaOfRequest extends LambdaEnv {
  /** Aborts at the deadline, at which the response is destroyed too. */
  readonly signal: AbortSignal;
  /** Adds work that goes on after the response. Lambda waits for it, and bills it. */
  waitUntil(work: Promise<unknown>): void;
}

/**
 * A handler that answers with what `listener` writes: `export const handler = nodeHandler(express())`. It may be a promise,
 * for apps that start asynchronously: `nodeHandler(fastify.ready().then(() => fastify.server))`.
 *
 * The response is destroyed at the deadline, shortly before the function's timeout. Not when the client goes away: Lambda
 * does not tell the function, which runs on and is billed.
 *
 * @throws TypeError for an invalid listener or option
 */
export function nodeHandler(
  listener: NodeListener | NodeServer | Promise<NodeListener | NodeServer>,
  options: WebHandlerOptions<IncomingMessage> = {},
): WebLambdaHandler {
  if (!listenerOf(listener) && !('then' in Object(listener))) {
    throw new TypeError(`nodeHandler needs a listener, an http.Server, or a promise of one, got ${typeof listener}`);
  }
  const loading = Promise.all([listener, loadNodeExchange()]);
  return lambdaHandler(
    'nodeHandler',
    async (request, { env, deadline, waitUntil }) => {
      const [given, Exchange] = await loading;
      const listen = listenerOf(given);
      if (!listen) throw new TypeError(`the promise of nodeHandler must give a listener, got ${typeof given}`);
      const exchange: NodeExchange = new Exchange(request);
      const lambda: LambdaOfRequest = withSignal(Object.assign(env, { waitUntil }), deadline);
      Object.assign(exchange.request, { lambda });
      return [exchange.request, (output) => exchange.run(listen, output)];
    },
    options,
  );
}

function listenerOf(given: unknown): NodeListener | undefined {
  if (typeof given === 'function') return given as NodeListener;
  const server = Object(given) as NodeServer;
  return typeof server.emit === 'function' ? (...both) => server.emit('request', ...both) : undefined;
}
