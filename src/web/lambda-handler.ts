/** What Lambda calls, for both kinds of app. */
import { checkOptions } from '../base/check-options';
import { httpEventOf } from '../wire/http-event';
import type { LambdaContext, ResponseWriter } from '../wire/lambda-runtime';
import { streamingHandler } from '../wire/streaming-handler';
import { type Answering, runInvocation } from './invocation';
import type { ProxyResponse } from './proxy-response';
import { WEB_OPTION_KINDS, type WebHandlerOptions } from './web-options';

/** A function's handler. Given no response stream, as in a test, it returns the response in one piece. */
export interface WebLambdaHandler {
  (event: unknown, responseStream: ResponseWriter, context: LambdaContext): Promise<void>;
  (event: unknown, context?: LambdaContext): Promise<ProxyResponse>;
}

export function lambdaHandler<SeenRequest>(
  name: string,
  answering: Answering<SeenRequest>,
  options: WebHandlerOptions<SeenRequest>,
): WebLambdaHandler {
  checkOptions<WebHandlerOptions<never>>(name, options, WEB_OPTION_KINDS);
  return streamingHandler(name, async (event, stream, context) => {
    const http = httpEventOf(event);
    if (http) return runInvocation(answering, options, http, stream, context);
    throw new TypeError(
      `${name} needs the event of a function URL, an API or a load balancer, or one of payload format 2.0, got ${JSON.stringify(event)?.slice(0, 200)}`,
    );
  }) as WebLambdaHandler;
}
