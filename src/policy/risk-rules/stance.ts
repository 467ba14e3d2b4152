import type { Terms } from '../../lease/lease.ts'
import { ONE, stricterQuorum } from '../../lease/questions/quorum.ts'
import type { Stance } from '../../lease/questions/risk-rule.ts'
import type { RiskEntry } from '../risk/entry.ts'

/**
 * What the terms make of a risk. What names the risk itself says more than what names its tier, but for a tier that never passes. A
 * danger that is named is no smaller for that: it wants a yes, unless its template skips it as well.
 */
export function stanceOf({ id, tier, disposition }: RiskEntry, { dangerous, approval }: Terms): Stance {
  const byTier = approval.tiers?.[tier]
  if (byTier === 'never' || (disposition === 'dangerous' && !dangerous.includes(id))) return 'never'
  const people = typeof byTier === 'object' ? byTier : ONE
  const named = approval.risks?.[id]
  if (named !== undefined) return stricterQuorum(people, named)
  if (approval.require.includes(id)) return people
  if (approval.skip.includes(id)) return 'pass'
  if (byTier === undefined) return disposition === 'pass' ? 'pass' : ONE
  return byTier === 'pass' && disposition === 'dangerous' ? ONE : byTier
}
