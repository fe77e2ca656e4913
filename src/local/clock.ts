/** Time: that of the day, by which signatures and sessions go, and that of the platform, which a test may make run faster. */

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** How fast the clocks of the platform run. */
interface PlatformClock {
  /**
   * Seconds of the platform that pass in a real one, 1 to 10000: with 60 a limit of 15 minutes is over after 15 seconds. It is
   * for limits and waits of the platform; what functions do, and how long they take to load, takes the time it takes.
   * @default 1
   */
  readonly speed?: number;
}

/** For those that wait in the name of the platform. */
export interface PlatformTime {
  /**
   * How fast limits and waits of the platform run: timeouts of functions and integrations, silence of streams, retries of
   * asynchronous invocations, bandwidth, cached policies. Signatures and sessions keep the time of the day.
   * @default - as fast as on AWS
   */
  readonly clock?: PlatformClock | undefined;
}

/** Real milliseconds for so many of the platform's. */
export function realMs({ clock }: PlatformTime, platformMs: number): number {
  return platformMs / (clock?.speed ?? 1);
}
