import type { Lease } from '../lease/lease.ts'
import type { SessionSeconds, Timed } from '../lease/stream/session-seconds.ts'
import { boundToday } from '../policy/budgets.ts'
import type { Policy } from '../policy/policy.ts'
import type { LiveStream } from './live-streams.ts'
import type { StreamSeconds } from './timed-streams.ts'

interface Today {
  readonly seconds: SessionSeconds
  readonly findLease: (id: string) => Promise<Lease | null>
  readonly policy: () => Policy
}

/** Seconds of streams, by the signed contracts of the lease and those above it and by the policy of today. Rejects where one cannot be read. */
export function secondsToday({ seconds, findLease, policy }: Today): StreamSeconds {
  const drawOf = async ({ auditId, lease: id }: LiveStream): Promise<Timed> => {
    const lease = await found(id)
    const line = [lease, ...(await Promise.all(lease.ancestors.map(found)))]
    const today = policy()
    return { auditId, lease, limits: line.map(one => boundToday(one, today).budgets) }
  }
  const found = async (id: string): Promise<Lease> => {
    const lease = await findLease(id)
    if (lease === null) throw new Error(`the contract of ${id} cannot be read`)
    return lease
  }
  return {
    take: async (stream, part) => seconds.take(await drawOf(stream), part),
    giveBack: async (stream, unused) => seconds.giveBack(await drawOf(stream), unused),
  }
}
