/**
 * What keeps a function from streaming: one table for the constructor, the front ends and the checks.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 */

/** The parts of a function that decide. */
export interface FunctionFacts {
  /** As in the template: `python3.13`; undefined for a container image. */
  readonly runtime?: string;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly isDurable: boolean;
  readonly isInVpc: boolean;
}

/** One reason why a function does not stream. */
export interface StreamingFact {
  /** Id of the warning, and code of the error. */
  readonly id: string;
  holds(fn: FunctionFacts): boolean;
  /** Cause and fix, in this order. */
  message(name: string, fn: FunctionFacts): string;
}

/**
 * Managed runtimes whose interface client collects the whole response before it sends any of it. Node.js streams from
 * version 14 on, .NET from version 8 on, and `provided` runtimes and images decide themselves.
 */
const BUFFERING = /^(python|java|ruby|go1|dotnetcore|dotnet[56]$|nodejs($|4|6|8|10|12))/;

export const BUFFERING_RUNTIME: StreamingFact = {
  id: 'BufferingRuntime',
  holds: ({ runtime, environment }) =>
    runtime !== undefined && BUFFERING.test(runtime) && !isStreamingAdapter(environment),
  message: (name, { runtime }) =>
    `the function ${name} runs on '${runtime}', which collects the whole response before it sends any of it, so callers get one late block; ` +
    'use a current Node.js runtime, or put a web server behind the Lambda Web Adapter ' +
    '(webAdapter: WebAdapter.layer(), elsewhere AWS_LWA_INVOKE_MODE=response_stream), ' +
    'or bring a custom runtime (provided.al2023) or a container image whose runtime interface client streams',
};

export const DURABLE_STREAM: StreamingFact = {
  id: 'DurableStream',
  holds: ({ isDurable }) => isDurable,
  message: (name) =>
    `the function ${name} is durable (durableConfig), and AWS documents no response streaming for durable functions: ` +
    'https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking.html; ' +
    'stream from a function without durableConfig, which may start the durable one, or test that it streams',
};

/** Of function URLs only: the Lambda API and REST APIs stream from a VPC. */
export const VPC_URL: StreamingFact = {
  id: 'VpcUrl',
  holds: ({ isInVpc }) => isInVpc,
  message: (name) =>
    `the function ${name} is attached to a VPC, and AWS documents that function URLs do not stream responses there; ` +
    'invoke it with the InvokeWithResponseStream API, through an interface endpoint inside the VPC, or put a streaming REST API in front of it',
};

/** The Lambda Web Adapter reads its mode in any case, and takes what it does not know as `buffered`. */
export function isStreamingAdapter(environment: Readonly<Record<string, unknown>>): boolean {
  return String(environment['AWS_LWA_INVOKE_MODE'] ?? '').toLowerCase() === 'response_stream';
}
