/** One invocation: finds the input, runs the producer against the deadline, ends the stream, and counts. */
import { startDeadline, withSignal } from '../base/deadline';
import type { ContractTypes, StreamContract } from '../contract/stream-contract';
import { validate } from '../contract/validate';
import { type HttpEvent, httpEventOf } from '../wire/http-event';
import { encodePrelude } from '../wire/http-prelude';
import type { LambdaContext, ResponseWriter } from '../wire/lambda-runtime';
import { ApplicationError, isApplicationError } from './application-error';
import { type Failure, failureOf } from './failure-of';
import type { HandlerContext } from './handler-context';
import { lowerCased, receiveInput } from './handler-input';
import type { Measuring, StreamHandlerOptions } from './handler-options';
import { type ResponseHead, type ResponseOutput, responseOutput } from './response-output';

/** Writes chunks through `write` and gives the final value. */
export type Produce<Types extends ContractTypes> = (
  input: Types['input']['received'],
  ctx: HandlerContext<Types>,
  write: (chunk: unknown) => Promise<void>,
) => Promise<unknown>;

/** A handler, for as long as its execution environment lives. */
export interface HandlerDefinition<Types extends ContractTypes> {
  readonly contract: StreamContract<Types>;
  readonly produce: Produce<Types>;
  readonly options: StreamHandlerOptions;
  /** Whether a chunk of it was checked: one shows a handler that writes other chunks than its contract says. */
  hasCheckedChunk: boolean;
}

/** What Lambda called it with. */
export interface Invocation {
  readonly event: unknown;
  readonly stream: ResponseWriter;
  readonly lambda: LambdaContext | undefined;
  /** Given where the head does not go into the stream, as in a test. */
  readonly encodeHead?: ((head: ResponseHead) => string) | undefined;
}

const DEFAULT_KEEP_ALIVE_MS = 15_000;

const DEADLINE_EXCEEDED = 'DeadlineExceeded';

/** Messages of the AWS SDK, for example, name accounts, roles and resources. */
const UNTOLD = 'the function failed; its log says why';

export async function runInvocation<Types extends ContractTypes>(
  handler: HandlerDefinition<Types>,
  { event, stream, lambda, encodeHead }: Invocation,
): Promise<void> {
  const { contract, produce, options } = handler;
  const httpEvent = httpEventOf(event);
  const measured: Measuring = {
    outcome: 'complete',
    startedAt: Date.now(),
    bytes: 0,
    chunks: 0,
    requestId: lambda?.awsRequestId,
  };
  const output = responseOutput({
    contract,
    stream,
    measured,
    needsHead: httpEvent !== undefined || encodeHead !== undefined,
    encodeHead: encodeHead ?? encodePrelude,
    mustCheck: () => {
      const must = !handler.hasCheckedChunk || encodeHead !== undefined;
      handler.hasCheckedChunk = true;
      return must;
    },
    keepAliveMs: encodeHead ? false : (options.keepAliveMs ?? DEFAULT_KEEP_ALIVE_MS),
  });
  const remainingMs = () => lambda?.getRemainingTimeInMillis() ?? Infinity;
  const deadline = startDeadline(
    remainingMs(),
    options.deadlineMarginMs,
    (message) => new ApplicationError(DEADLINE_EXCEEDED, message, { statusCode: 504 }),
  );
  const run = async (): Promise<unknown> => {
    const input = await receiveInput(contract.input, event, httpEvent);
    const given: Omit<HandlerContext<Types>, 'signal'> = {
      traceContext: traceContextOf(lambda, httpEvent),
      clientContext: lambda?.clientContext,
      lambda,
      event,
      remainingMs,
      http: output.setHead,
      error: (...about) => new ApplicationError(...about),
    };
    return finalOf(contract, await produce(input, withSignal(given, deadline), output.write));
  };
  try {
    const final = await Promise.race([deadline.expired, run()]);
    output.end(final);
  } catch (error) {
    const failure = failureOf(error);
    measured.outcome = failure.type;
    const mayTell = options.tellErrors ?? httpEvent === undefined;
    // An answer the caller can read does not fail the invocation. Everything else does, so that Lambda counts it.
    if (
      !tell(output, mayTell || failure.answer ? failure : { ...failure, message: UNTOLD }) ||
      failure.type === DEADLINE_EXCEEDED
    )
      throw error;
  } finally {
    deadline.clear();
    report(options, measured);
  }
  stream.end();
}

/** What the end marker says: what the producer returned, as JSON has it, and only if the contract has a final value. */
async function finalOf(contract: StreamContract, returned: unknown): Promise<unknown> {
  // `return ctx.error(…)` is meant as `throw`, and the end marker would hide it.
  if (isApplicationError(returned)) throw returned;
  if (!contract.final) return undefined;
  const json: string | undefined = JSON.stringify(returned);
  if (json === undefined && returned !== undefined) {
    throw new TypeError(`the final value cannot be of type ${typeof returned}`);
  }
  const final: unknown = json && JSON.parse(json);
  await validate(contract.final, final, 'final');
  return final;
}

/** Writes the error marker. Gives whether that is an answer: an error thrown on purpose, and readable. */
function tell(output: ResponseOutput, { type, message, statusCode, answer }: Failure): boolean {
  try {
    return output.fail({ type, message, ...answer }, statusCode) && answer !== undefined;
  } catch {
    // JSON cannot hold its data, or the head cannot be sent; the head is a plain one now.
    output.fail({ type, message: `${message} (its data or head cannot be sent)` }, statusCode);
    return false;
  }
}

function traceContextOf(
  lambda: LambdaContext | undefined,
  http: HttpEvent | undefined,
): HandlerContext['traceContext'] {
  const { custom } = (lambda?.clientContext ?? {}) as { readonly custom?: Readonly<Record<string, string>> };
  const { traceparent, tracestate } = lowerCased(custom ?? http?.headers);
  return { traceparent, tracestate };
}

/** Not waited for: the end of the stream does not depend on it. */
function report({ metrics }: StreamHandlerOptions, measured: Measuring): void {
  const reporting = async () => metrics?.({ ...measured, endedAt: Date.now() });
  reporting().catch((error) => console.error('metrics:', error));
}
