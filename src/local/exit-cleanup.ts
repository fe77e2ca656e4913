/** Runs a clean-up when the process ends, also by Ctrl-C, without keeping the signal from anybody else. */

const cleanups = new Set<() => void>();
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Registers a synchronous `cleanup`; returns the function that takes it back. */
export function onProcessEnd(cleanup: () => void): () => void {
  if (cleanups.size === 0) listen();
  cleanups.add(cleanup);
  return () => {
    cleanups.delete(cleanup);
    if (cleanups.size === 0) unlisten();
  };
}

function listen(): void {
  process.on('exit', runAll);
  // First in line: a listener added with `once` is gone from the count when its turn is over.
  for (const signal of SIGNALS) process.prependListener(signal, endBySignal);
}

function unlisten(): void {
  process.off('exit', runAll);
  for (const signal of SIGNALS) process.off(signal, endBySignal);
}

function runAll(): void {
  for (const cleanup of cleanups) cleanup();
  cleanups.clear();
}

/**
 * Having a listener keeps the process alive; where this is the only one, the signal gets its default effect back.
 * Whoever else listens decides what happens, and the clean-up waits for the end of the process.
 */
function endBySignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  runAll();
  unlisten();
  process.kill(process.pid, signal);
}
