import type { RiskRule } from '../../lease/risk-rule.ts'
import { matching } from '../risk/by-resource.ts'
import type { Asked, RiskEntry } from '../risk/entry.ts'
import { compiled } from './rule-set.ts'

/**
 * What the catalogue found, with the policy's own rules. A lease may have other rules than the policy of today: what either finds
 * counts, so that a rule which lowers something has to be in both.
 */
export function underRules(found: readonly RiskEntry[], asked: Asked): readonly RiskEntry[] {
  const sets = asked.terms.riskRules
  if (sets === undefined) return found
  const all = sets.flatMap(rules => underOne(found, asked, compiled(rules)))
  return sets.length === 1 ? all : all.filter((entry, index) => all.findIndex(one => isSame(one, entry)) === index)
}

function underOne(
  found: readonly RiskEntry[],
  asked: Asked,
  { rules, weighedAnew }: ReturnType<typeof compiled>,
): readonly RiskEntry[] {
  const own = asked.request.info.isResourceRequest ? matching(rules, asked) : []
  const replaced = new Set(own.flatMap(rule => (rule.replaces.length > 0 && rule.surely(asked) ? rule.replaces : [])))
  return [...found.map(entry => anew(entry, weighedAnew.get(entry.id))), ...own].filter(
    // A danger stays one, whatever a rule says.
    ({ id, disposition }) => disposition === 'dangerous' || !replaced.has(id),
  )
}

/** As a rule weighs it, where there is one. */
export function anew(entry: RiskEntry, rule: RiskRule | undefined): RiskEntry {
  if (rule === undefined) return entry
  return { ...entry, tier: rule.tier, why: rule.why === '' ? entry.why : rule.why }
}

function isSame(one: RiskEntry, other: RiskEntry): boolean {
  return one.id === other.id && one.tier === other.tier && one.disposition === other.disposition
}
