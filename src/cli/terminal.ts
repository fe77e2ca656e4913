/** How commands speak: results on standard output, for people or as JSON, one value a line; everything else on standard error. */
import { createColors } from 'picocolors';
import { createDeferred } from '../base/promises';

type Colors = ReturnType<typeof createColors>;

/**
 * What a command ends with: 0, it did what it was asked; 1, what it was asked to do failed; 2, it was asked wrongly, also
 * for what there is not, and did nothing; 130, it was interrupted before it was done (129 and 143 where the signal was SIGHUP or SIGTERM).
 */
export type ExitCode = 0 | 1 | 2 | 129 | 130 | 143;

export interface Terminal {
  /** Whether the caller wants JSON on standard output. */
  readonly isJson: boolean;
  /** For standard output. */
  readonly colors: Colors;
  /** For standard error. */
  readonly noteColors: Colors;
  /** Aborted by Ctrl-C and its like: the command ends, and leaves nothing behind. */
  readonly signal: AbortSignal;
  /** Bytes or text as they are, on standard output. Resolves when the reader is ready for more. */
  write(piece: Uint8Array | string): Promise<void>;
  /** A line of the result, for people; left out where the caller wants JSON. */
  line(text: string): void;
  /** A line beside the result: progress, a summary, a warning; left out where the caller wants JSON. */
  note(text: string): void;
  /** A value of the result as a line of JSON; left out where the caller does not want JSON. */
  json(value: unknown): void;
}

/** What of a stream the colours depend on. */
interface Screen {
  readonly isTTY?: boolean;
}

/**
 * Colours only where somebody looks: https://no-color.org, and `FORCE_COLOR` for those who record a terminal. CI systems
 * read logs as text, so `CI` does not switch them on.
 */
export function hasColors(screen: Screen, env: NodeJS.ProcessEnv): boolean {
  const { NO_COLOR: off = '', FORCE_COLOR: on = '', TERM: kind } = env;
  if (off !== '') return false;
  if (on !== '') return on !== '0';
  return screen.isTTY === true && kind !== 'dumb';
}

/**
 * What `work` gives, or a rejection as soon as the command is interrupted: for what cannot be told to end, such as reading
 * standard input, or would take its time.
 */
export async function unlessInterrupted<T>(work: Promise<T>, { signal }: Terminal): Promise<T> {
  const { promise, reject } = createDeferred<never>();
  const interrupt = () => reject(signal.reason);
  signal.addEventListener('abort', interrupt, { once: true });
  if (signal.aborted) interrupt();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

/** A pipe that is closed has none, and nobody waits for it. */
function roomIn(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.once('drain', done).once('close', done);
  });
}

export function createTerminal(isJson: boolean, signal: AbortSignal): Terminal {
  const { stdout, stderr, env } = process;
  return {
    isJson,
    signal,
    colors: createColors(hasColors(stdout, env)),
    noteColors: createColors(hasColors(stderr, env)),
    write: async (piece) => {
      if (!stdout.write(piece)) await roomIn(stdout);
    },
    line: (text) => {
      if (!isJson) stdout.write(`${text}\n`);
    },
    note: (text) => {
      if (!isJson) stderr.write(`${text}\n`);
    },
    json: (value) => {
      if (isJson) stdout.write(`${JSON.stringify(value)}\n`);
    },
  };
}
