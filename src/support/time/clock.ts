/** Epoch milliseconds. */
export type Clock = () => number

export const systemClock: Clock = Date.now

/** Milliseconds that only go forward, whatever the time is set to. */
export const steadyClock: Clock = () => performance.now()

/** So far a process may be from the clock of the store: beyond it nothing is allowed and nothing given. */
export const CLOCK_LIMIT_MS = 5000

/** How far a clock is ahead of another one, at least and at most: as near as the round trip tells. Milliseconds, negative where it is behind. */
export interface Ahead {
  readonly least: number
  readonly most: number
}

/** For certain, whatever the round trip took; null: it may be within the limit. */
export function offBy({ least, most }: Ahead): number | null {
  if (least > CLOCK_LIMIT_MS) return least
  return most < -CLOCK_LIMIT_MS ? most : null
}
