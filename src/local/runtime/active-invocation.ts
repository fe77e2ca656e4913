/** One invocation inside an execution environment, from its event to its REPORT line. */
import { type FunctionFailure, timedOut, truncated } from './function-failure';
import { InvocationLog } from './log-tail';
import type { RuntimeResponse } from './runtime-api';

export interface InvocationRequest {
  readonly requestId: string;
  readonly payload: Uint8Array;
  /** With the qualifier the caller used. */
  readonly invokedFunctionArn: string;
  /** JSON text of the client context. */
  readonly clientContext?: string;
  readonly tenantId?: string;
  /** Value of `X-Amzn-Trace-Id`. @default - a new trace that is not sampled */
  readonly traceId?: string;
}

/** What the function answers: a body that may still grow, or a failure before any byte. */
export type InvocationResponse =
  | { readonly kind: 'body'; readonly response: RuntimeResponse }
  | { readonly kind: 'failure'; readonly failure: FunctionFailure };

export interface InvocationResult {
  /** `undefined` when the function succeeded. */
  readonly failure: FunctionFailure | undefined;
  /** Last 4 KB of the log. */
  readonly logTail: Buffer;
}

/** The caller's view of an invocation. Neither promise ever rejects. */
export interface RunningInvocation {
  readonly requestId: string;
  /** Whether the function has nothing more to answer. */
  readonly responseDone: boolean;
  /** Calls of the function to other AWS services that the target had no answer for, for example `dynamodb PutItem`. */
  readonly refusedCalls: readonly string[];
  /** Resolves with the response headers of the function, or with the reason why there will be none. */
  readonly response: Promise<InvocationResponse>;
  /** Resolves when the runtime is ready for the next event, or dead. */
  readonly completed: Promise<InvocationResult>;
}

export interface ActiveInvocationProps {
  readonly request: InvocationRequest;
  readonly version: string;
  /** For messages. */
  readonly timeoutSeconds: number;
  /** In real time. */
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly onMessage: (message: string) => void;
  /** The time is up; the process must be killed. */
  readonly onTimeout: () => void;
  /** All output has been read; what has no line break at its end is yet to be delivered. */
  readonly onOutputRead: () => void;
}

/**
 * The runtime may ask for the next event before the failed response arrived on its other connection: on a machine with
 * ten times more to do than it has cores, more than a second before.
 */
const LATE_RESPONSE_MS = 3_000;

export class ActiveInvocation implements RunningInvocation {
  public readonly requestId: string;
  public readonly response: Promise<InvocationResponse>;
  public readonly completed: Promise<InvocationResult>;
  /** The function answered, or failed to. */
  public responded = false;
  /** Everything the caller waits for has arrived; the runtime may still tidy up. */
  public responseDone = false;
  public readonly refusedCalls: string[] = [];
  private readonly log: InvocationLog;
  private respond: (response: InvocationResponse) => void = () => undefined;
  private complete: (result: InvocationResult) => void = () => undefined;
  private startedAt: number | undefined;
  private initMs: number | undefined;
  private failure: FunctionFailure | undefined;
  private timer: NodeJS.Timeout | undefined;
  private lateTimer: NodeJS.Timeout | undefined;
  private runtimeIdle = false;
  private maxRssKb: number | undefined;
  private finished = false;

  public constructor(private readonly props: ActiveInvocationProps) {
    this.requestId = props.request.requestId;
    this.log = new InvocationLog(this.requestId, props.version, props.onMessage);
    this.response = new Promise((resolve) => {
      this.respond = resolve;
    });
    this.completed = new Promise((resolve) => {
      this.complete = resolve;
    });
  }

  /** The event goes to the runtime: the clock of the timeout starts. */
  public delivered(initMs: number | undefined): void {
    this.initMs = initMs;
    this.startedAt = performance.now();
    this.log.start();
    this.timer = setTimeout(() => this.timeOut(), this.props.timeoutMs);
  }

  public logged(message: string): void {
    this.log.append(message);
  }

  /** The function began to answer. */
  public accept(response: RuntimeResponse): void {
    if (this.responded) {
      // Too late to be sent on; left unread it would block the runtime's connection.
      response.body.resume();
      return;
    }
    clearTimeout(this.lateTimer);
    this.responded = true;
    this.respond({ kind: 'body', response });
    response.body.once('close', () => {
      this.failure ??= response.body.complete ? response.failure() : truncated(this.requestId);
      this.responseDone = true;
      this.finishWhenIdle();
    });
  }

  /** The runtime reported that the handler failed. */
  public reject(failure: FunctionFailure): void {
    this.failure ??= failure;
    this.responded = true;
    this.responseDone = true;
    this.respond({ kind: 'failure', failure });
    this.finishWhenIdle();
  }

  /** The runtime asks for the next event. */
  public idle(): void {
    this.runtimeIdle = true;
    if (!this.responded) {
      this.lateTimer = setTimeout(() => this.reject(truncated(this.requestId)), LATE_RESPONSE_MS);
    }
    this.finishWhenIdle();
  }

  /** Every log frame up to the end of the handler has been read. */
  public boundary(maxRssKb: number): void {
    this.maxRssKb = maxRssKb;
    this.finishWhenIdle();
  }

  /** The process is gone; a timeout or a reported error explains it better than its exit does. */
  public exited(exit: FunctionFailure, fatal: FunctionFailure | undefined): void {
    const noticed = fatal ?? this.failure;
    this.failure = noticed === undefined || noticed.origin === 'truncated' ? exit : noticed;
    if (this.failure.origin === 'exit') this.log.append(`${messageOf(this.failure)}\n${this.failure.errorType}`);
    this.finish();
  }

  private timeOut(): void {
    this.failure = timedOut(this.requestId, this.props.timeoutSeconds);
    this.props.onTimeout();
  }

  private finishWhenIdle(): void {
    if (!this.runtimeIdle || !this.responseDone || this.maxRssKb === undefined) return;
    // Output printed before the boundary frame is readable in the same turn of the event loop, maybe after the frame.
    setImmediate(() => {
      this.props.onOutputRead();
      this.finish();
    });
  }

  private finish(): void {
    if (this.finished) return;
    this.finished = true;
    clearTimeout(this.timer);
    clearTimeout(this.lateTimer);
    if (this.startedAt === undefined) this.log.start();
    this.log.finish({
      durationMs: this.startedAt === undefined ? 0 : performance.now() - this.startedAt,
      initMs: this.initMs,
      memoryMb: this.props.memoryMb,
      maxMemoryMb: Math.ceil((this.maxRssKb ?? 0) / 1_024),
      ...reportStatus(this.failure),
    });
    if (this.failure !== undefined) this.respond({ kind: 'failure', failure: this.failure });
    this.complete({ failure: this.failure, logTail: this.log.tail() });
  }
}

function reportStatus(failure: FunctionFailure | undefined): { status?: 'timeout' | 'error'; errorType?: string } {
  if (failure?.origin === 'timeout') return { status: 'timeout' };
  if (failure?.origin === 'exit' || failure?.origin === 'init')
    return { status: 'error', errorType: failure.errorType };
  return {};
}

function messageOf(failure: FunctionFailure): string {
  return (JSON.parse(failure.body) as { errorMessage: string }).errorMessage;
}
