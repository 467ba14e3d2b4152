import { z } from 'zod'
import { timeLeft } from '../../support/time/time-left.ts'

/** A hold as the broker shows it; times in epoch milliseconds, no end: until somebody releases the agent. */
export const SHOWN_HOLD = z.object({
  agent: z.string(),
  by: z.string(),
  reason: z.string(),
  at: z.number(),
  until: z.number().nullable(),
})
export type ShownHold = z.infer<typeof SHOWN_HOLD>

export const SHOWN_HOLDS = z.object({ holds: z.array(SHOWN_HOLD) })

/** With the leases that ended with it. */
export const PLACED_HOLD = SHOWN_HOLD.extend({ ended: z.array(z.string()) })
export type PlacedHold = z.infer<typeof PLACED_HOLD>

export function describePlaced({ ended, ...hold }: PlacedHold): string {
  const leases = ended.length === 0 ? '' : `  ended: ${ended.join(', ')}\n`
  return `agent ${describeHeld(hold)}\n${leases}  next: leasegate agent release ${hold.agent}\n`
}

/** `NAME is held until …, by …: why`, with the end in two forms: people compare one and wait for the other. */
export function describeHeld({ agent, by, reason, until }: ShownHold): string {
  const end =
    until === null
      ? 'until somebody releases it'
      : `until ${new Date(until).toISOString()} (${timeLeft(until, Date.now())})`
  return `${agent} is held ${end}, by ${by}: ${reason}`
}
