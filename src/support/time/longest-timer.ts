/** Milliseconds that setTimeout can wait: with more it does not wait at all. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1
