import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import { WHAT_WAS_DONE } from '../../record/what-was-done.ts'
import type { BrokerClient } from '../broker/broker-client.ts'
import { BrokerRefusal } from '../command/cli-error.ts'
import { describePassed, type Passed, passedByBudgets } from '../lease/end-leases.ts'
import type { ShownLease } from '../lease/shown-lease.ts'

type Done = z.infer<typeof WHAT_WAS_DONE>

/** The tap needs about a second to bring what was done last. */
const WITHIN_MS = 6000
const PAUSE_MS = 500

/** What the record has of leases that were ended: also what was refused, which no budget counts. Where it does not say so in time, that is said. */
export function whatPassed(broker: BrokerClient): Passed {
  return async leases => {
    const until = performance.now() + WITHIN_MS
    const done: Done[] = []
    for (const lease of leases) {
      const one = await wholeOf(broker, lease, until)
      if (one === null) return `${passedByBudgets(leases)}; how many were refused is not known`
      done.push(one)
    }
    const sumOf = (decision: keyof Done['requests']) => done.reduce((sum, { requests }) => sum + requests[decision], 0)
    const mutations = leases.reduce((sum, { taken }) => sum + (taken['mutations'] ?? 0), 0)
    const waited = sumOf('pending')
    const passed = describePassed(sumOf('allowed'), mutations)
    return `${passed}; ${sumOf('denied')} refused${waited === 0 ? '' : `, ${waited} had to wait for a person`}`
  }
}

/** Null where nobody tells, or nobody tells in time all of it. */
async function wholeOf(broker: BrokerClient, { id, state }: ShownLease, until: number): Promise<Done | null> {
  const path = `/v1/leases/${encodeURIComponent(id)}/done`
  for (;;) {
    const done = await broker('GET', path, WHAT_WAS_DONE).catch(error => {
      // Another run of this agent asks as well.
      if (error instanceof BrokerRefusal && error.status === 429) return null
      return 'nobody tells' as const
    })
    if (done === 'nobody tells') return null
    // Of one whose time was over nothing says that all of it is there.
    if (done !== null && (done.isWhole || state.kind !== 'revoked')) return done
    if (performance.now() > until) return null
    await sleep(PAUSE_MS)
  }
}
