import type { Lease } from '../lease/lease.ts'
import type { LeaseLedger } from '../lease/lease-store.ts'
import { boundToday } from '../policy/budgets.ts'
import type { Policy } from '../policy/policy.ts'
import { grantOf, handedTooFar } from '../policy/template/delegation.ts'

interface Today {
  readonly ledger: Pick<LeaseLedger, 'states' | 'followEnds'>
  readonly findLease: (id: string) => Promise<Lease | null>
  readonly policy: () => Policy
}

/** How leases stand by the store and by the policy of today: one that is no longer granted, or no longer so long, has ended for open streams too. */
export function statesToday({ ledger, findLease, policy }: Today): Pick<LeaseLedger, 'states' | 'followEnds'> {
  return {
    followEnds: (onEnd, signal) => ledger.followEnds(onEnd, signal),
    states: async (ids, now) => {
      const states = await ledger.states(ids, now)
      const leases = await Promise.all(ids.map(findLease))
      const lines = await Promise.all(leases.map(lease => handedDown(lease, findLease)))
      const today = policy()
      return states.map((state, at) => {
        const lease = leases[at] ?? null
        if (state.kind !== 'active' || lease === null) return state
        const isGranted = grantOf(today, lease) !== null && handedTooFar(today, lines[at] ?? []) === null
        return isGranted && now < boundToday(lease, today).expiresAt ? state : { kind: 'expired' }
      })
    },
  }
}

/** Root first, of a lease that was handed on; of any other nobody asks how far it went. One above it that is gone has ended, and this with it. */
async function handedDown(lease: Lease | null, findLease: Today['findLease']): Promise<readonly Lease[]> {
  if (lease?.delegated === undefined) return []
  const above = await Promise.all(lease.ancestors.map(findLease))
  return [...above.filter(one => one !== null), lease]
}
