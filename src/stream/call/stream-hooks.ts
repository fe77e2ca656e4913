/** Lets a caller watch its invocations, for traces, metrics and logs. */
import { isPromise } from '../../base/promises';
import type { StreamError } from '../errors/stream-error';
import { describe } from '../errors/system-error';
import type { StreamTimings } from '../reading/stream-progress';

/** Belongs to one call of `invoke()` or `dryRun()`: the same in all that its hooks are told. */
export interface HookedCall {
  /** A UUID of its own, known before the service gives the request an id. */
  readonly callId: string;
}

/**
 * Called at the turning points of each call: `onStart` first, `onEnd` last, each once. A hook that throws, or rejects,
 * disturbs nothing: its error becomes a warning. Nothing waits for a hook that is asynchronous.
 */
export interface StreamHooks {
  /** `invoke()` or `dryRun()` was called; nothing has been checked or sent. */
  onStart?(start: HookedCall & { readonly operation: 'invoke' | 'dryRun' }): void;
  /** A request is about to be sent. */
  onRequest?(
    request: HookedCall & {
      /** Name or ARN, as an invoker was given it. */
      readonly functionName?: string | undefined;
      /** Address that a fetcher asks. */
      readonly url?: string | undefined;
      readonly attempt: number;
    },
  ): void;
  /** An attempt failed and another one follows in `delayMs`. */
  onRetry?(
    retry: HookedCall & { readonly error: StreamError; readonly attempt: number; readonly delayMs: number },
  ): void;
  /** The response headers are here. */
  onHeaders?(
    head: HookedCall & {
      readonly requestId?: string | undefined;
      readonly executedVersion?: string | undefined;
      readonly headersMs: number;
    },
  ): void;
  /**
   * The stream is whole, or has failed with `error`; so has the call itself where `invoke()` rejects. A stream that is
   * neither read, aborted nor left ends when `totalMs` or the connection does.
   */
  onEnd?(
    end: HookedCall & {
      readonly requestId?: string | undefined;
      readonly metrics: StreamTimings;
      readonly error?: StreamError | undefined;
    },
  ): void;
  /** Something was left out or could not be done, and the call goes on. @default - a warning of the process */
  onWarning?(message: string, call: HookedCall): void;
}

/** The hooks that are told something of a call, beside its id. */
type Turning = Exclude<keyof StreamHooks, 'onWarning'>;
type Told<Name extends Turning> = Omit<Parameters<NonNullable<StreamHooks[Name]>>[0], keyof HookedCall>;

/** The hooks of one call. */
export class CallHooks implements HookedCall {
  private id: string | undefined;

  public constructor(private readonly hooks: StreamHooks | undefined) {}

  public get callId(): string {
    this.id ??= newCallId();
    return this.id;
  }

  /** Calls the hook `name`, if there is one. */
  public tell<Name extends Turning>(name: Name, what: Told<Name>): void {
    if (this.hooks?.[name] !== undefined) this.run(name, { ...what, callId: this.callId });
  }

  /** Tells the caller of something the call survives. */
  public warn(message: string): void {
    if (this.hooks?.onWarning === undefined) emitWarning(message);
    else this.run('onWarning', message, { callId: this.callId });
  }

  private run(name: keyof StreamHooks, ...told: unknown[]): void {
    const failed = (how: string, error: unknown) => {
      const message = `hook ${name} ${how}: ${describe(error)}`;
      if (name === 'onWarning') emitWarning(message);
      else this.warn(message);
    };
    const hook = this.hooks?.[name] as ((...told: unknown[]) => unknown) | undefined;
    try {
      const result = hook?.apply(this.hooks, told);
      if (isPromise(result)) Promise.resolve(result).catch((error: unknown) => failed('rejected', error));
    } catch (error) {
      failed('threw', error);
    }
  }
}

/** As a warning of the Node.js process, which has a type and can be turned off; on the console elsewhere. */
function emitWarning(message: string): void {
  const node = (globalThis as { process?: { emitWarning?(message: string, type: string): void } }).process;
  if (node?.emitWarning) node.emitWarning(message, 'StreamWarning');
  else console.warn(message);
}

/** Pages that are not served over https have no `randomUUID`, but random values. */
function newCallId(): string {
  const { crypto } = globalThis;
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte, i) =>
    i === 6 ? (byte & 0x0f) | 0x40 : i === 8 ? (byte & 0x3f) | 0x80 : byte,
  );
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
