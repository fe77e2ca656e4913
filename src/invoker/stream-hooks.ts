/** Lets a caller watch its invocations, for traces, metrics and logs. */
import type { StreamError } from './stream-error';
import type { StreamMetrics } from './stream-progress';

/**
 * Called at the turning points of each invocation. A hook that throws disturbs nothing: its error becomes a
 * warning.
 */
export interface StreamHooks {
  /** A request is about to be sent. */
  onRequest?(request: { readonly functionName: string; readonly attempt: number }): void;
  /** An attempt failed and another one follows in `delayMs`. */
  onRetry?(retry: { readonly error: StreamError; readonly attempt: number; readonly delayMs: number }): void;
  /** The response headers are here. */
  onHeaders?(head: {
    readonly requestId?: string;
    readonly executedVersion?: string;
    readonly headersMs: number;
  }): void;
  /** The stream is whole, or has failed with `error`. Not called for a call that failed before its headers: `invoke()` rejects. */
  onEnd?(end: { readonly requestId?: string; readonly metrics: StreamMetrics; readonly error?: StreamError }): void;
  /** Something was left out or could not be done, and the call goes on. @default - a warning of the process */
  onWarning?(message: string): void;
}

/** Calls the hook `name`, if there is one. */
export function callHook<Name extends keyof StreamHooks>(
  hooks: StreamHooks | undefined,
  name: Name,
  argument: Parameters<NonNullable<StreamHooks[Name]>>[0],
): void {
  try {
    (hooks?.[name] as ((value: typeof argument) => void) | undefined)?.(argument);
  } catch (error) {
    const message = `hook ${name} threw: ${error instanceof Error ? error.message : String(error)}`;
    if (name === 'onWarning') emitWarning(message);
    else warn(hooks, message);
  }
}

/** Tells the caller of something the call survives. */
export function warn(hooks: StreamHooks | undefined, message: string): void {
  if (hooks?.onWarning === undefined) emitWarning(message);
  else callHook(hooks, 'onWarning', message);
}

/** As a warning of the Node.js process, which has a type and can be turned off; on the console elsewhere. */
function emitWarning(message: string): void {
  const node = (globalThis as { process?: { emitWarning?(message: string, type: string): void } }).process;
  if (node?.emitWarning) node.emitWarning(message, 'StreamInvokerWarning');
  else console.warn(message);
}
