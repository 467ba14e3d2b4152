import type { Policy } from '../policy.ts'
import type { RiskEntry } from '../risk/entry.ts'
import { RISKS } from '../risk/risks.ts'
import { compiled } from './rule-set.ts'
import { anew } from './under-rules.ts'

/** Everything that is risky under a policy: what is built in, as the policy weighs it, then its own rules. */
export function catalogueOf({ riskRules = [] }: Pick<Policy, 'riskRules'>): readonly RiskEntry[] {
  const { entries, weighedAnew } = compiled(riskRules)
  return [...RISKS.map(entry => anew(entry, weighedAnew.get(entry.id))), ...entries]
}
