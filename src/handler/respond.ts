/** One invocation: finds the input, runs the producer against the deadline, ends the stream, and counts. */
import type { ContractTypes, StreamContract } from '../contract/stream-contract';
import type { LambdaContext, ResponseWriter } from '../wire/lambda-runtime';
import { ApplicationError, isApplicationError } from './application-error';
import { beforeDeadline, DEADLINE_EXCEEDED } from './deadline';
import { failureOf } from './failure-of';
import type { HandlerContext } from './handler-context';
import { httpEventOf, receiveInput } from './handler-input';
import type { StreamHandlerOptions } from './handler-options';
import { lowerCased } from './lower-cased';
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
  stream: ResponseWriter,
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
  const { traceparent, tracestate } = lowerCased(
    (clientContext as { custom?: Record<string, string> } | undefined)?.custom ?? httpEvent?.headers,
  );
  const remainingMs = () => lambda?.getRemainingTimeInMillis() ?? Infinity;
  try {
    const returned = await beforeDeadline(remainingMs(), deadlineMarginMs, async (signal) =>
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
          error: (...of) => new ApplicationError(...of),
        },
        write,
      ),
    );
    // `return ctx.error(…)` is meant as `throw`, and the end marker would hide it.
    if (isApplicationError(returned)) throw returned;
    const final = contract.final && returned;
    if (!JSON.stringify(final ?? 0)) throw new TypeError(`the final value cannot be of type ${typeof final}`);
    finish('end', { final, chunks: measured.chunks });
  } catch (error) {
    const [type, message, status, answer] = failureOf(error);
    measured.outcome = type;
    let isAnswered: unknown;
    try {
      isAnswered = finish('error', { type, message, ...answer }, status) && answer;
    } catch {
      // Its data is no JSON, or the head cannot be sent, and is a plain one now.
      finish('error', { type, message: `${message} (its data or head cannot be sent)` }, status);
    }
    // An answer the caller can read is no crash. All else fails the invocation too, so that Lambda counts it.
    if (!isAnswered || type === DEADLINE_EXCEEDED) throw error;
  } finally {
    // Not awaited: the end of the stream is not to wait for it.
    (async () => metrics?.({ ...measured, endedAt: Date.now() }))().catch((error) => console.error('metrics:', error));
  }
  stream.end();
}
