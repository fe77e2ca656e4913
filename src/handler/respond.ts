/** One invocation: finds the input, runs the producer against the deadline, ends the stream, and counts. */
import type { ContractTypes, StreamContract } from '../contract/stream-contract';
import { ApplicationError, type ApplicationErrorOptions, isApplicationError } from './application-error';
import { beforeDeadline, DEADLINE_EXCEEDED } from './deadline';
import type { HandlerContext, TraceContext } from './handler-context';
import { httpEventOf, receiveInput } from './handler-input';
import type { StreamHandlerOptions } from './handler-options';
import type { LambdaContext, ResponseStream } from './lambda-runtime';
import { responseWriter } from './response-writer';

const NO_DETAILS: ApplicationErrorOptions = {};

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
  isBuffered = false,
): Promise<undefined> {
  const startedAt = Date.now();
  const http = httpEventOf(event);
  const writer = responseWriter(contract, stream, isBuffered || !!http);
  const clientContext = lambda?.clientContext;
  const { traceparent, tracestate }: TraceContext =
    (clientContext as { custom?: TraceContext } | undefined)?.custom ?? http?.headers ?? {};
  let outcome = 'complete';
  try {
    const final = await beforeDeadline(lambda, deadlineMarginMs, async (signal) =>
      produce(
        await receiveInput(contract.input, event, http),
        {
          signal,
          traceContext: { traceparent, tracestate },
          clientContext,
          lambda,
          event,
          remainingMs: () => lambda?.getRemainingTimeInMillis() ?? Number.POSITIVE_INFINITY,
          http: writer.http,
          error: (type, message, options) => new ApplicationError(type, message, options),
        },
        writer.chunk,
      ),
    );
    writer.end(final);
  } catch (error) {
    // Type and message travel to the caller, a stack never does.
    const { name: type = 'Error', message = String(error) } = (error ?? {}) as Partial<Error>;
    const { data, issues, retryable, statusCode = 500 } = isApplicationError(error) ? error : NO_DETAILS;
    const said = writer.fail({ type, message, data, issues, retryable }, statusCode);
    outcome = type;
    // An answer the caller can read is no crash. All else fails the invocation too, so that Lambda counts it.
    if (!said || !isApplicationError(error) || type === DEADLINE_EXCEEDED) throw error;
    stream.end();
  } finally {
    metrics?.({ ...writer.sent(), outcome, startedAt, endedAt: Date.now(), requestId: lambda?.awsRequestId });
  }
}
