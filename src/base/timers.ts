/** Longest delay that timers count, in milliseconds; they take a longer one for none at all. */
export const LONGEST_TIMER_MS = 2_147_483_647;
