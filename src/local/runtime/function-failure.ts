/** How an invocation failed, in the words Lambda reports it with. */

export interface FunctionFailure {
  /** For example `TypeError`, `Runtime.ExitError` or `Sandbox.Timedout`. */
  readonly errorType: string;
  /** The JSON object a buffered caller receives: `errorType`, `errorMessage`, `trace`. */
  readonly body: string;
  /** `handler`: reported by the runtime; the others are noticed from outside. */
  readonly origin: 'handler' | 'init' | 'exit' | 'timeout' | 'response-size' | 'truncated';
}

const failure = (
  origin: FunctionFailure['origin'],
  requestId: string,
  errorType: string,
  reason: string,
): FunctionFailure => ({
  origin,
  errorType,
  body: JSON.stringify({ errorType, errorMessage: `RequestId: ${requestId} Error: ${reason}` }),
});

export const timedOut = (requestId: string, timeoutSeconds: number): FunctionFailure =>
  failure('timeout', requestId, 'Sandbox.Timedout', `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`);

export const initTimedOut = (requestId: string, timeoutMs: number): FunctionFailure =>
  failure('init', requestId, 'Sandbox.Timedout', `The function did not load within ${timeoutMs} ms`);

export const exited = (requestId: string, reason: string): FunctionFailure =>
  failure('exit', requestId, 'Runtime.ExitError', reason);

export const notStarted = (requestId: string, reason: string): FunctionFailure =>
  failure('init', requestId, 'Runtime.InvalidEntrypoint', reason);

export const truncated = (requestId: string): FunctionFailure =>
  failure('truncated', requestId, 'Runtime.TruncatedResponse', 'Response truncated');

export const responseTooLarge = (limitBytes: number): FunctionFailure => {
  const errorType = 'Function.ResponseSizeTooLarge';
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${limitBytes} bytes).`;
  return { origin: 'response-size', errorType, body: JSON.stringify({ errorMessage, errorType }) };
};

/** One line about a failure: its type and message. */
export function describeFailure({ body, errorType }: FunctionFailure): string {
  try {
    const { errorMessage } = JSON.parse(body) as { readonly errorMessage?: unknown };
    return typeof errorMessage === 'string' ? `${errorType}: ${errorMessage}` : errorType;
  } catch {
    return `${errorType}: ${body}`; // a runtime may report words
  }
}

/** How a process ended, in Lambda's words. */
export function exitReason(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) return `Runtime exited with error: signal: ${SIGNAL_NAMES[signal] ?? signal}`;
  if (code === 0) return 'Runtime exited without providing a reason';
  return `Runtime exited with error: exit status ${code}`;
}

const SIGNAL_NAMES: Partial<Record<NodeJS.Signals, string>> = {
  SIGABRT: 'aborted',
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
};
