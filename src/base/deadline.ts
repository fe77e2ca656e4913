/** Ends the work of an invocation shortly before Lambda would, so that there is time to tell the reader. */

/** Time kept for the last write where nothing is said, in milliseconds; at most a tenth of the time there is. */
const DEFAULT_MARGIN_MS = 500;

export interface Deadline {
  /** Aborts at the deadline. Made when it is first asked for: it costs more than the rest of a short invocation. */
  signal(): AbortSignal;
  hasPassed(): boolean;
  /** Rejects at the deadline. Never settles otherwise. */
  readonly expired: Promise<never>;
  clear(): void;
}

/**
 * @param leftMs until the function's timeout; `Infinity` where there is none
 * @param newError what `signal` and `expired` give as the reason
 */
export function startDeadline(
  leftMs: number,
  marginMs: number = Math.min(DEFAULT_MARGIN_MS, leftMs / 10),
  newError: (message: string) => Error,
): Deadline {
  let controller: AbortController | undefined;
  let reason: Error | undefined;
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    // Node.js would fire a timer of Infinity at once.
    if (leftMs === Infinity) return;
    timer = setTimeout(() => {
      reason = newError(`stopped ${marginMs} ms before the function's timeout`);
      controller?.abort(reason);
      reject(reason);
    }, leftMs - marginMs);
  });
  return {
    signal: () => {
      if (!controller) {
        controller = new AbortController();
        if (reason) controller.abort(reason);
      }
      return controller.signal;
    },
    hasPassed: () => !!reason,
    expired,
    clear: () => clearTimeout(timer),
  };
}

const DEADLINE = Symbol('deadline');

interface WithSignal {
  readonly [DEADLINE]: Deadline;
  /** Aborts at the deadline. */
  readonly signal: AbortSignal;
}

const SIGNAL: PropertyDescriptor & ThisType<WithSignal> = {
  enumerable: true,
  get() {
    return this[DEADLINE].signal();
  },
};

/**
 * Gives `object` the property `signal`, still made when it is first asked for. By one getter for all: an object with a
 * getter of its own has a shape of its own too, and V8 keeps the shape, the getter and with it all of the invocation
 * until the next full garbage collection.
 */
export function withSignal<Given extends object>(
  object: Given & Partial<WithSignal>,
  deadline: Deadline,
): Given & Pick<WithSignal, 'signal'> {
  Object.defineProperties(object, { [DEADLINE]: { value: deadline }, signal: SIGNAL });
  return object as Given & WithSignal;
}
