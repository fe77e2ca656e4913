/** One invocation: finds the input, runs the producer against the deadline, ends the stream, and counts. */
import type { ContractTypes, StreamContract } from '../contract/stream-contract';
import { ApplicationError, type ApplicationErrorOptions, isApplicationError } from './application-error';
import { beforeDeadline, DEADLINE_EXCEEDED } from './deadline';
import type { HandlerContext, TraceContext } from './handler-context';
import { httpEventOf, receiveInput } from './handler-input';
import type { StreamHandlerOptions } from './handler-options';
import type { LambdaContext, ResponseStream } from './lambda-runtime';
import { type EncodeHead, responseWriter } from './response-writer';
import type { Measuring } from './stream-metrics';

/** Writes chunks through `write` and gives the final value. */
export type Produce<Types extends ContractTypes> = (
  input: Types['input']['received'],
  ctx: HandlerContext<Types>,
  write: (chunk: unknown) => Promise<void>,
) => Promise<unknown>;

export async function respond<Types extends ContractTypes>(
  contract: StreamContract<Types>,
  produce: Produce<Types>,
  { deadlineMarginMs, metrics }: StreamHandlerOptions,
  event: unknown,
  stream: ResponseStream,
  lambda: LambdaContext | undefined,
  encodeHead?: EncodeHead,
): Promise<undefined> {
  const measured: Measuring = {
    outcome: 'complete',
    startedAt: Date.now(),
    bytes: 0,
    chunks: 0,
    requestId: lambda?.awsRequestId,
  };
  const httpEvent = httpEventOf(event);
  const [write, finish, http] = responseWriter(contract, stream, measured, encodeHead ?? httpEvent, encodeHead);
  const clientContext = lambda?.clientContext;
  const { traceparent, tracestate }: TraceContext =
    (clientContext as { custom?: TraceContext } | undefined)?.custom ?? httpEvent?.headers ?? {};
  const remainingMs = () => lambda?.getRemainingTimeInMillis() ?? Infinity;
  try {
    const final = await beforeDeadline(remainingMs(), deadlineMarginMs, async (signal) =>
      produce(
        await receiveInput(contract.input, event, httpEvent),
        {
          signal,
          traceContext: { traceparent, tracestate },
          clientContext,
          lambda,
          event,
          remainingMs,
          http,
          error: (type, message, options) => new ApplicationError(type, message, options),
        },
        write,
      ),
    );
    finish('end', { final, chunks: measured.chunks });
  } catch (error) {
    // Type and message travel to the caller, a stack never does.
    const { name: type = 'Error', message = String(error) } = (error ?? {}) as Partial<Error>;
    const isAnswer = isApplicationError(error);
    const { data, issues, retryable, statusCode = 500 }: ApplicationErrorOptions = isAnswer ? error : {};
    measured.outcome = type;
    const isTold = finish('error', { type, message, data, issues, retryable }, statusCode);
    // An answer the caller can read is no crash. All else fails the invocation too, so that Lambda counts it.
    if (!isTold || !isAnswer || type === DEADLINE_EXCEEDED) throw error;
  } finally {
    metrics?.({ ...measured, endedAt: Date.now() });
  }
  stream.end();
}
