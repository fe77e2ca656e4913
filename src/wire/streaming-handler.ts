/** A function that Lambda's runtime calls with a response stream: registered when the module loads, before the first event. */
import type { HttpEvent } from './http-event';
import type { AwsLambdaGlobal, LambdaContext, ResponseWriter } from './lambda-runtime';

/** Answers into the stream; what it gives where there is none is the handler's result. */
type Respond<Whole> = (
  event: unknown,
  stream: ResponseWriter | undefined,
  context: LambdaContext | undefined,
) => Promise<Whole>;

/** @param name what the author of the handler called, for messages */
export function streamingHandler<Whole>(
  name: string,
  respond: Respond<Whole>,
  options?: { readonly highWaterMark?: number | undefined },
): (event: unknown, first?: ResponseWriter | LambdaContext, second?: LambdaContext) => Promise<Whole> {
  const { awslambda } = globalThis as AwsLambdaGlobal;
  let isLossTold = false;

  /** A wrapper that copies no properties makes an ordinary handler of a streaming one, and nothing says so. */
  const reportLostStream = (event: Partial<HttpEvent>): void => {
    const message = `${name}: called without a response stream: a wrapper dropped the mark of a streaming handler. Use keepStreaming(wrapper)`;
    const { domainName, elb } = event.requestContext ?? {};
    // A front end can use a response in one piece. To a caller of the function it would be a wrong answer.
    if (!domainName && !elb) throw new Error(message);
    if (!isLossTold) console.warn(message);
    isLossTold = true;
  };

  // The default value keeps the function's length at 2: the runtime takes one of three for a callback handler.
  const handler = async (
    event: unknown,
    first?: ResponseWriter | LambdaContext,
    second: LambdaContext | undefined = undefined,
  ): Promise<Whole> => {
    if (first && 'write' in first) return respond(event, first, second);
    if (awslambda && process.env.AWS_LAMBDA_RUNTIME_API) reportLostStream(Object(event));
    return respond(event, undefined, first);
  };
  return awslambda?.streamifyResponse?.(handler, options) ?? handler;
}
