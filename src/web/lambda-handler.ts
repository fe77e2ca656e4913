/** What Lambda calls: registered as streaming when the module loads, and what it does where it gets no response stream. */
import type { AwsLambdaGlobal, LambdaContext, ResponseWriter } from '../wire/lambda-runtime';
import { checkWebOptions } from './check-web-options';
import { httpEventOf } from './http-event';
import { type Answering, runInvocation } from './invocation';
import type { ProxyResponse } from './proxy-response';
import type { WebHandlerOptions } from './web-options';

/** A function's handler. Given no response stream, as in a test, it returns the response in one piece. */
export interface WebLambdaHandler {
  (event: unknown, responseStream: ResponseWriter, context: LambdaContext): Promise<void>;
  (event: unknown, context?: LambdaContext): Promise<ProxyResponse>;
}

export function lambdaHandler<SeenRequest>(
  name: string,
  answering: Answering<SeenRequest>,
  options: WebHandlerOptions<SeenRequest> = {},
): WebLambdaHandler {
  checkWebOptions(name, options);
  const { awslambda } = globalThis as AwsLambdaGlobal;
  let isTold = false;

  /** A wrapper that copies no properties makes an ordinary handler of a streaming one, and nothing says so. */
  const reportLostStream = (isDirect: boolean): void => {
    const message = `${name}: called without a response stream, although registered as streaming: a wrapper around the handler dropped the mark. Wrap the app inside instead, or use keepStreaming(wrapper)`;
    // To a caller of the function the answer to a front end would be a wrong answer.
    if (isDirect) throw new Error(message);
    if (!isTold) console.warn(message);
    isTold = true;
  };

  // The default value keeps the function's length at 2: the runtime takes one of three for a callback handler.
  const handler = async (
    event: unknown,
    first?: ResponseWriter | LambdaContext,
    second: LambdaContext | undefined = undefined,
  ): Promise<ProxyResponse | undefined> => {
    const http = httpEventOf(event);
    if (!http) {
      throw new TypeError(
        `${name} needs the event of a function URL, an API or a load balancer, got ${JSON.stringify(event)?.slice(0, 200)}; to invoke it directly, send an event of payload format 2.0`,
      );
    }
    if (first && 'write' in first) return runInvocation(answering, options, http, first, second);
    const { domainName, elb } = http.requestContext;
    if (awslambda && process.env.AWS_LAMBDA_RUNTIME_API) reportLostStream(!domainName && !elb);
    return runInvocation(answering, options, http, undefined, first);
  };
  return (awslambda?.streamifyResponse?.(handler) ?? handler) as WebLambdaHandler;
}
