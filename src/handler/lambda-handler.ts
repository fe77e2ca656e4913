/** What Lambda calls: checked and registered as streaming when the module loads, as the runtime looks before the first event. */
import type { ContractTypes, StreamContract } from '../contract/stream-contract';
import type { AwsLambdaGlobal, LambdaContext, ResponseWriter } from '../wire/lambda-runtime';
import { STREAM_FORMATS } from '../wire/stream-format';
import { type BufferedResponse, bufferedResponse } from './buffered-response';
import { httpEventOf } from './handler-input';
import type { StreamHandlerOptions } from './handler-options';
import { type HandlerDefinition, type Produce, runInvocation } from './invocation';

/** What Lambda calls. Given no response stream, as in a test, it returns the same bytes as a proxy response. */
export interface StreamingLambdaHandler {
  (event: unknown, responseStream: ResponseWriter, context: LambdaContext): Promise<void>;
  (event: unknown, context?: LambdaContext): Promise<BufferedResponse>;
}

/** @param name what the author of the handler called, for messages */
export function lambdaHandler<Types extends ContractTypes>(
  name: string,
  contract: StreamContract<Types>,
  options: StreamHandlerOptions = {},
  produce: Produce<Types>,
): StreamingLambdaHandler {
  checkOptions(name, contract, options);
  const definition: HandlerDefinition<Types> = { contract, produce, options, hasCheckedChunk: false };
  const streamifyResponse = (globalThis as AwsLambdaGlobal).awslambda?.streamifyResponse;
  let isLossTold = false;

  /** A wrapper that copies no properties makes an ordinary handler of a streaming one, and nothing says so. */
  const reportLostStream = (isHttp: boolean): void => {
    const message = `${name}: called without a response stream, although registered as streaming: a wrapper around the handler dropped the mark. Wrap what it calls instead, or copy the mark: Object.assign(wrapper, handler)`;
    // A front end can use a response in one piece. To a caller of the function it would be a wrong answer.
    if (!isHttp) throw new Error(message);
    if (!isLossTold) console.warn(message);
    isLossTold = true;
  };

  // The default value keeps the function's length at 2: the runtime takes one of three for a callback handler.
  const handler = async (
    event: unknown,
    first?: ResponseWriter | LambdaContext,
    second: LambdaContext | undefined = undefined,
  ): Promise<BufferedResponse | undefined> => {
    if (first && 'write' in first) {
      await runInvocation(definition, { event, stream: first, lambda: second });
      return undefined;
    }
    if (streamifyResponse && process.env.AWS_LAMBDA_RUNTIME_API) reportLostStream(httpEventOf(event) !== undefined);
    return bufferedResponse(contract.format === 'bytes', (target) =>
      runInvocation(definition, { event, lambda: first, ...target }),
    );
  };
  return (streamifyResponse?.(handler, options) ?? handler) as StreamingLambdaHandler;
}

/** The compiler's checks again, for callers without one: they would fail at the first invocation only. */
export function checkArguments(name: string, contract: unknown, produce: unknown, wanted: string): void {
  const isContract = STREAM_FORMATS.includes((contract as Partial<StreamContract> | null | undefined)?.format as never);
  if (isContract && typeof produce === 'function') return;
  const [which, rule, got] = isContract
    ? ['second', wanted, produce]
    : ['first', 'a contract made by streamContract()', contract];
  throw new TypeError(
    `${name}: the ${which} argument must be ${rule}, got ${got === null ? 'null' : typeof got}; write ${name}(contract, ${wanted}, options)`,
  );
}

function checkOptions(name: string, { format }: StreamContract, options: StreamHandlerOptions): void {
  const isMarked = format === 'ndjson' || format === 'sse';
  const rules: { readonly [Name in keyof Required<StreamHandlerOptions>]: readonly [isRight: boolean, rule: string] } =
    {
      deadlineMarginMs: [isNumberFrom(0, options.deadlineMarginMs), 'be 0 or more'],
      keepAliveMs: [
        options.keepAliveMs === false || (isMarked && isNumberFrom(1, options.keepAliveMs)),
        isMarked ? 'be 1 or more, or false' : `be left out: format '${format}' has no room for fillers`,
      ],
      metrics: [typeof options.metrics === 'function', 'be a function'],
      highWaterMark: [isNumberFrom(0, options.highWaterMark), 'be 0 or more'],
    };
  for (const [option, value] of Object.entries(options)) {
    const [isRight, rule] = rules[option as keyof StreamHandlerOptions] ?? [];
    if (rule === undefined)
      throw new TypeError(`${name}: there is no option '${option}', only ${Object.keys(rules).join(', ')}`);
    if (value !== undefined && !isRight) throw new TypeError(`${name}: ${option} must ${rule}, got ${value}`);
  }
}

const isNumberFrom = (least: number, value: unknown): boolean => typeof value === 'number' && value >= least;
