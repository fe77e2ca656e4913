/** The time of day as a value, so that signatures and deadlines can be tested at any moment. */

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };
