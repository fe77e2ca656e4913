/** What Lambda calls: checked and registered as streaming when the module loads, as the runtime looks before the first event. */
import { checkOptions, type OptionKinds } from '../base/check-options';
import type { ContractTypes, StreamContract } from '../contract/stream-contract';
import type { LambdaContext, ResponseWriter } from '../wire/lambda-runtime';
import { STREAM_FORMATS } from '../wire/stream-format';
import { streamingHandler } from '../wire/streaming-handler';
import { type BufferedResponse, bufferedResponse } from './buffered-response';
import type { StreamHandlerOptions } from './handler-options';
import { type HandlerDefinition, type Produce, runInvocation } from './invocation';

/** What Lambda calls. Given no response stream, as in a test, it returns the same bytes as a proxy response. */
export interface StreamingLambdaHandler {
  (event: unknown, responseStream: ResponseWriter, context?: LambdaContext): Promise<void>;
  (event: unknown, context?: LambdaContext): Promise<BufferedResponse>;
}

/** @param name what the author of the handler called, for messages */
export function lambdaHandler<Types extends ContractTypes>(
  name: string,
  contract: StreamContract<Types>,
  options: StreamHandlerOptions = {},
  produce: Produce<Types>,
): StreamingLambdaHandler {
  checkOptions<StreamHandlerOptions>(name, options, optionKinds(contract));
  const definition: HandlerDefinition<Types> = { contract, produce, options, hasCheckedChunk: false };
  return streamingHandler(
    name,
    async (event, stream, lambda) => {
      if (stream) return runInvocation(definition, { event, stream, lambda });
      return bufferedResponse(contract.format === 'bytes', (target) =>
        runInvocation(definition, { event, lambda, ...target }),
      );
    },
    options,
  ) as StreamingLambdaHandler;
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

function optionKinds({ format }: StreamContract): OptionKinds<StreamHandlerOptions> {
  const isMarked = format === 'ndjson' || format === 'sse';
  return {
    deadlineMarginMs: 'a number from 0',
    // The other formats have no room for fillers.
    keepAliveMs: isMarked ? 'a number above 0 or false' : 'false',
    tellErrors: 'a boolean',
    metrics: 'a function',
    highWaterMark: 'a number from 0',
  };
}
