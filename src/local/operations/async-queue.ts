/**
 * Asynchronous invocations: accepted at once, run until they succeed or may be tried no more, and told of to whom the
 * function names (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html).
 */
import { realMs, systemClock } from '../clock';
import { serviceErrorOf } from '../errors';
import type { InvocationRequest } from '../runtime/active-invocation';
import type { EnvironmentPool, ThrottleReason } from '../runtime/environment-pool';
import type { EventInvokeState, FunctionConfiguration, LocalState } from '../state';
import { type BufferedResult, bufferedResult } from './buffered-result';
import { type FunctionReference, resolveVersion } from './function-reference';
import type { InvocationOptions } from './invocation-options';
import { type Condition, type Delivery, deadLetter, invocationRecord } from './invocation-record';

export interface AsyncQueueProps {
  readonly state: LocalState;
  readonly pool: EnvironmentPool;
  readonly options: InvocationOptions;
  /** Sends a record or an event to a destination, in the name of the function's role. Rejects where nobody takes it. */
  readonly deliver: (delivery: Delivery) => Promise<void>;
}

interface Pending {
  readonly named: FunctionReference;
  readonly request: InvocationRequest;
  readonly acceptedAt: number;
  /** Runs of the function so far. */
  runs: number;
  throttles: number;
  timer?: NodeJS.Timeout;
}

/** What an invocation came to at last. */
interface Outcome {
  readonly condition: Condition;
  readonly configuration: FunctionConfiguration;
  /** What the last run gave; undefined where there was none. */
  readonly result: BufferedResult | undefined;
}

/** Without a configuration of its own. https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html */
const DEFAULTS: EventInvokeState = { retries: 2, maximumAgeSeconds: 21_600 };
/** Between the first run and the second, and between that and the third. */
const RETRY_WAITS_MS = [60_000, 120_000];
const THROTTLED_FIRST_WAIT_MS = 1_000;
const THROTTLED_LONGEST_WAIT_MS = 300_000;

export class AsyncQueue {
  private readonly pending = new Set<Pending>();
  private isStopped = false;

  public constructor(private readonly props: AsyncQueueProps) {}

  /** Begins at once; nobody waits for the end. */
  public accept(named: FunctionReference, request: InvocationRequest): void {
    const entry: Pending = { named, request, acceptedAt: systemClock.now(), runs: 0, throttles: 0 };
    this.pending.add(entry);
    void this.run(entry);
  }

  /** Drops what is not done, and says so. */
  public stop(): void {
    this.isStopped = true;
    for (const { timer } of this.pending) clearTimeout(timer);
    if (this.pending.size === 0) return;
    const names = [...new Set([...this.pending].map(({ named }) => named.functionName))].join(', ');
    process.emitWarning(
      `stop() of the local target dropped ${this.pending.size} asynchronous invocation(s) that were not done, of ${names}`,
    );
  }

  /** Never rejects. */
  private async run(entry: Pending): Promise<void> {
    try {
      const outcome = await this.attempt(entry);
      if (outcome === undefined || this.isStopped) return;
      await this.tell(entry, outcome);
    } catch (error) {
      const reason = serviceErrorOf(error)?.message ?? String(error);
      process.emitWarning(`an asynchronous invocation of ${entry.named.functionName} was dropped: ${reason}`);
    }
    this.pending.delete(entry);
  }

  /** @returns undefined where another attempt follows */
  private async attempt(entry: Pending): Promise<Outcome | undefined> {
    const { options, pool, state } = this.props;
    const { named, request } = entry;
    const configuration = resolveVersion(state, named, options.random ?? Math.random);
    const { maximumAgeSeconds, retries } = this.settings(entry);
    if (this.ageMs(entry) > maximumAgeSeconds * 1_000) {
      return { condition: 'EventAgeExceeded', configuration, result: undefined };
    }
    const reserved = state.functions.get(named.functionArn)?.reservedConcurrency;
    const running = await pool.invoke(named.functionArn, configuration, request, reserved);
    if (typeof running === 'string') return this.throttled(entry, configuration, running, reserved);
    entry.runs += 1;
    const result = await bufferedResult(running);
    if (!result.failed) return { condition: 'Success', configuration, result };
    if (entry.runs > retries) return { condition: 'RetriesExhausted', configuration, result };
    this.again(entry, RETRY_WAITS_MS[entry.runs - 1] ?? 0);
    return undefined;
  }

  private throttled(
    entry: Pending,
    configuration: FunctionConfiguration,
    reason: ThrottleReason,
    reserved: number | undefined,
  ): Outcome | undefined {
    if (this.isStopped) return undefined;
    // Nothing will ever run: AWS does not even try again.
    if (reserved === 0 && reason === 'ReservedFunctionConcurrentInvocationLimitExceeded') {
      return { condition: 'RetriesExhausted', configuration, result: undefined };
    }
    const waitMs = Math.min(THROTTLED_FIRST_WAIT_MS * 2 ** entry.throttles, THROTTLED_LONGEST_WAIT_MS);
    entry.throttles += 1;
    this.again(entry, waitMs);
    return undefined;
  }

  /** Once more after so many milliseconds of the platform, or when the event is too old. */
  private again(entry: Pending, waitMs: number): void {
    if (this.isStopped) return;
    const leftMs = this.settings(entry).maximumAgeSeconds * 1_000 - this.ageMs(entry);
    entry.timer = setTimeout(() => void this.run(entry), realMs(this.props.options, Math.min(waitMs, leftMs + 1)));
    // Waiting for it keeps no process alive that has nothing else to do.
    entry.timer.unref();
  }

  private settings({ named }: Pending): EventInvokeState {
    const configured = this.props.state.functions.get(named.functionArn)?.eventInvokes;
    return configured?.get(named.qualifier ?? '$LATEST') ?? DEFAULTS;
  }

  /** In the time of the platform. */
  private ageMs({ acceptedAt }: Pending): number {
    return (systemClock.now() - acceptedAt) * (this.props.options.clock?.speed ?? 1);
  }

  private async tell(entry: Pending, { condition, configuration, result }: Outcome): Promise<void> {
    const { named, request, runs } = entry;
    const { onFailure, onSuccess } = this.settings(entry);
    const isSuccess = condition === 'Success';
    const about = { named, request, condition, configuration, result, runs };
    const destination = isSuccess ? onSuccess : onFailure;
    const sent: Delivery[] = destination === undefined ? [] : [invocationRecord(about, destination)];
    if (!isSuccess && configuration.deadLetterArn !== undefined)
      sent.push(deadLetter(about, configuration.deadLetterArn));
    if (!isSuccess && sent.length === 0) {
      this.log(entry, configuration, `The event is discarded (${condition}); the function has no destination for it`);
    }
    for (const delivery of sent) {
      try {
        await this.props.deliver(delivery);
      } catch (error) {
        const problem = `The local target could not send the record of an asynchronous invocation of ${named.functionName} to ${delivery.destination}: ${error instanceof Error ? error.message : error}`;
        this.log(entry, configuration, `${problem}; it was ${delivery.body}`);
        process.emitWarning(problem);
      }
    }
  }

  private log({ named, request }: Pending, configuration: FunctionConfiguration, message: string): void {
    this.props.pool.log(named.functionArn, configuration, request.requestId, message);
  }
}
