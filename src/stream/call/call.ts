/** One call of an invoker or a fetcher, from its start to its end or to the stream that goes on from it. */
import { isPromise } from '../../base/promises';
import type { StreamContract } from '../../contract/stream-contract';
import type { StreamError } from '../errors/stream-error';
import { StreamProgress } from '../reading/stream-progress';
import type { CallSettings } from './call-options';
import { abortedBeforeHeaders, type DeadlineLimits, within } from './deadline';
import { encodeInput } from './encode-input';
import { CallHooks, type StreamHooks } from './stream-hooks';

/** What a call knows of itself. */
export class StreamCall<Settings extends CallSettings = CallSettings> {
  public constructor(
    public readonly settings: Settings,
    public readonly progress: StreamProgress,
    public readonly hooks: CallHooks,
  ) {}

  /** What is left to it until its response headers. */
  public limits(): DeadlineLimits {
    const { timeouts, signal } = this.settings;
    return { timeouts, signal, elapsedMs: this.progress.elapsed() };
  }

  /** The JSON of `input`, checked; a promise only where the contract's schema is asynchronous. */
  public encode(contract: StreamContract, input: unknown): Uint8Array | Promise<Uint8Array> {
    const encoded = encodeInput(contract, input);
    return isPromise(encoded) ? within(this.limits(), "the input schema's answer", encoded) : encoded;
  }
}

/**
 * Does `work` as a call; where that fails, the hooks are told of its end, too.
 * @param prepare checks what the call was told, and gives what holds for it
 */
export function runCall<Settings extends CallSettings, T>(
  operation: 'invoke' | 'dryRun',
  given: StreamHooks | undefined,
  prepare: () => Settings,
  work: (call: StreamCall<Settings>) => Promise<T>,
): Promise<T> {
  const called = call(operation, given, prepare, work);
  // For JavaScript: the compiler tells it in TypeScript.
  if (operation === 'invoke') Object.defineProperty(called, Symbol.asyncIterator, { value: forgottenAwait });
  return called;
}

function forgottenAwait(): never {
  throw new TypeError(
    'invoke() gives a promise of the stream, which was not awaited: for await (const chunk of await invoke(…))',
  );
}

async function call<Settings extends CallSettings, T>(
  operation: 'invoke' | 'dryRun',
  given: StreamHooks | undefined,
  prepare: () => Settings,
  work: (call: StreamCall<Settings>) => Promise<T>,
): Promise<T> {
  const progress = new StreamProgress();
  const hooks = new CallHooks(given);
  hooks.tell('onStart', { operation });
  try {
    const settings = prepare();
    if (settings.signal?.aborted) throw abortedBeforeHeaders(settings.signal.reason, false);
    return await work(new StreamCall(settings, progress, hooks));
  } catch (cause) {
    const error = cause as StreamError;
    hooks.tell('onEnd', { requestId: error.requestId, metrics: progress.metrics(), error });
    throw error;
  }
}
