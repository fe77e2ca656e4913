/** One invocation: finds the input, runs the producer against the deadline, ends the stream, and counts. */
import type { ContractTypes, StreamContract } from '../contract/stream-contract';
import type { StreamFailure } from '../wire/stream-control';
import { ApplicationError, isApplicationError } from './application-error';
import { beforeDeadline, DEADLINE_EXCEEDED } from './deadline';
import type { HandlerContext, TraceContext } from './handler-context';
import { httpEventOf, receiveInput } from './handler-input';
import type { LambdaContext } from './lambda-runtime';
import type { ResponseOutput } from './response-output';
import { responseWriter } from './response-writer';
import type { StreamHandlerOptions } from './stream-handler';
import type { StreamOutcome } from './stream-metrics';

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
  output: ResponseOutput,
  lambda: LambdaContext | undefined,
): Promise<undefined> {
  const startedAt = Date.now();
  const http = httpEventOf(event);
  const writer = responseWriter(contract, output, !!http);
  const clientContext = lambda?.clientContext;
  const trace = (clientContext as { custom?: TraceContext } | undefined)?.custom ?? http?.headers;
  let outcome: StreamOutcome = 'complete';
  try {
    const final = await beforeDeadline(lambda, deadlineMarginMs, async (signal) =>
      produce(
        await receiveInput(contract.input, event, http),
        {
          signal,
          traceContext: { traceparent: trace?.traceparent, tracestate: trace?.tracestate },
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
    const failure = toFailure(error);
    outcome = failure.outcome;
    const said = writer.fail(failure.marker, failure.statusCode);
    // An answer the caller can read is no crash. All else fails the invocation too, so that Lambda counts it.
    if (!said || !isApplicationError(error)) throw error;
    output.end();
  } finally {
    metrics?.({ ...writer.sent, outcome, startedAt, endedAt: Date.now(), requestId: lambda?.awsRequestId });
  }
}

interface DescribedFailure {
  readonly outcome: StreamOutcome;
  readonly statusCode: number;
  readonly marker: StreamFailure;
}

/** Type and message travel to the caller, a stack never does. */
function toFailure(error: unknown): DescribedFailure {
  if (isApplicationError(error)) {
    const { type, message, data, issues, retryable, statusCode = 500 } = error;
    const outcome = type === 'InvalidInput' ? 'invalid-input' : 'application-error';
    return { outcome, statusCode, marker: { type, message, data, issues, retryable } };
  }
  const { name: type = 'Error', message = String(error) } = (error ?? {}) as Partial<Error>;
  const late = type === DEADLINE_EXCEEDED;
  return { outcome: late ? 'deadline-exceeded' : 'crash', statusCode: late ? 504 : 500, marker: { type, message } };
}
