import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisSentStore } from '../../approval/sent/redis-sent-store.ts'
import type { Planner } from './planner.ts'

const LOOK_EVERY_MS = 400
const MOST_AT_A_LOOK = 8
/** By this broker. Who asks more than are planned has questions without a plan, until an approver looks at one. */
const MOST_IN_A_MINUTE = 240

interface Keeping {
  readonly store: Pick<RedisSentStore, 'claimUnplanned'>
  readonly planner: Pick<Planner, 'plan'>
  readonly onFailure: (error: unknown) => void
}

/** Makes the plan of each question soon after it was asked, until stopped. Several brokers share the work. */
export async function keepPlanning({ store, planner, onFailure }: Keeping, stopping: AbortSignal): Promise<void> {
  let [minute, made, failing] = [0, 0, false]
  while (!stopping.aborted) {
    const now = Math.floor(Date.now() / 60_000)
    if (now !== minute) [minute, made] = [now, 0]
    try {
      const ids = made >= MOST_IN_A_MINUTE ? [] : await store.claimUnplanned(MOST_AT_A_LOOK)
      made += ids.length
      await Promise.all(ids.map(id => planner.plan(id)))
      failing = false
    } catch (error) {
      if (!failing) onFailure(error)
      failing = true
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal: stopping }).catch(() => undefined)
  }
}
