/** Keeps the errors of a test's `onLog` away from the invocation that logs, which would never end, and from the process. */
import { inspect } from 'node:util';

/** A line a function or the platform logged. */
export interface LogRecord {
  readonly functionArn: string;
  readonly version: string;
  readonly logGroupName: string;
  /** `AWS_LAMBDA_LOG_STREAM_NAME` of the execution environment; absent where the target itself has something to say. */
  readonly logStreamName?: string;
  readonly requestId: string | undefined;
  /** Without the final line break; several lines when the function logged several at once. */
  readonly message: string;
}

/** `onLog`, also when it throws or returns a promise that rejects: one warning of the process says so. */
export function guardedLogListener(onLog: (record: LogRecord) => unknown): (record: LogRecord) => void {
  return guardedListener('onLog', 'invocations', onLog);
}

/** The same for any option that is told of something. @param what goes on without it */
export function guardedListener<T>(name: string, what: string, listener: (told: T) => unknown): (told: T) => void {
  let hasWarned = false;
  const warn = (cause: unknown) => {
    if (hasWarned) return;
    hasWarned = true;
    process.emitWarning(
      `The option ${name} of the local target failed, and ${what} go on without it: ${describe(cause)}. ` +
        `This is said once; catch errors in ${name} to see all of them.`,
    );
  };
  return (told) => {
    try {
      const returned = listener(told);
      if (typeof returned === 'object' && returned !== null) Promise.resolve(returned).catch(warn);
    } catch (cause) {
      warn(cause);
    }
  };
}

/** `onLog` too, but last: it may throw. */
export function tee(
  stores: readonly { add(record: LogRecord): void }[],
  onLog: ((record: LogRecord) => unknown) | undefined,
): (record: LogRecord) => unknown {
  return (record) => {
    for (const store of stores) store.add(record);
    return onLog?.(record);
  };
}

function describe(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : inspect(cause);
}
