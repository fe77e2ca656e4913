/** Watches signals of callers with one listener for each, however many calls it aborts: platforms warn of more than ten. Portable. */

interface Listening {
  readonly runs: Set<() => void>;
  readonly listener: () => void;
}

const signals = new WeakMap<AbortSignal, Listening>();

/** Runs `run` once when `signal` aborts, at once where it has; the function returned ends that. */
export function onAbort(signal: AbortSignal | undefined, run: () => void): () => void {
  if (signal === undefined) return () => undefined;
  if (signal.aborted) {
    run();
    return () => undefined;
  }
  const { runs, listener } = signals.get(signal) ?? listen(signal);
  runs.add(run);
  return () => {
    if (!runs.delete(run) || runs.size > 0) return;
    signal.removeEventListener('abort', listener);
    signals.delete(signal);
  };
}

function listen(signal: AbortSignal): Listening {
  const runs = new Set<() => void>();
  const listener = () => {
    for (const run of [...runs]) run();
  };
  const listening = { runs, listener };
  signals.set(signal, listening);
  signal.addEventListener('abort', listener, { once: true });
  return listening;
}
