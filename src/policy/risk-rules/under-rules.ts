import type { RiskRule } from '../../lease/questions/risk-rule.ts'
import { matching } from '../risk/by-resource.ts'
import type { Asked, RiskEntry } from '../risk/entry.ts'
import { type Compiled, compiled, type RuleEntry } from './rule-set.ts'

/**
 * What the catalogue found, with the policy's own rules. A lease may have other rules than the policy of today: what either finds
 * counts, so that a rule which lowers something has to be in both. Of what weighs the same the policy's own words come first.
 */
export function underRules(found: readonly RiskEntry[], asked: Asked): readonly RiskEntry[] {
  const sets = asked.terms.riskRules
  if (sets === undefined) return found
  const [only, another] = sets
  if (only !== undefined && another === undefined) return underOne(found, asked, compiled(only))
  // Those that were issued come before those of today: an edit that takes one away then puts no other one in its place.
  const each = sets.toReversed().map(rules => underOne(found, asked, compiled(rules)))
  const all = [
    ...each.flatMap(entries => entries.filter(isOwn)),
    ...each.flatMap(entries => entries.filter(one => !isOwn(one))),
  ]
  return all.filter((entry, index) => all.findIndex(one => isSame(one, entry)) === index)
}

function underOne(found: readonly RiskEntry[], asked: Asked, { rules, weighedAnew }: Compiled): readonly RiskEntry[] {
  const own = asked.request.info.isResourceRequest ? matching(rules, asked) : []
  const replaced = replacedBy(own, asked)
  return [...own, ...found.map(entry => anew(entry, weighedAnew.get(entry.id)))].filter(
    // A danger stays one, whatever a rule says.
    ({ id, disposition }) => disposition === 'dangerous' || !replaced.has(id),
  )
}

/** What does not count itself stands for nothing. */
function replacedBy(own: readonly RuleEntry[], asked: Asked): ReadonlySet<string> {
  const replacing = own.filter(rule => rule.replaces.length > 0 && rule.surely(asked))
  const standing = replacing.filter(({ id }) => !replacing.some(other => other.replaces.includes(id)))
  return new Set(standing.flatMap(({ replaces }) => replaces))
}

/** As a rule weighs it, where there is one. */
export function anew(entry: RiskEntry, rule: RiskRule | undefined): RiskEntry {
  if (rule === undefined) return entry
  return { ...entry, tier: rule.tier, why: rule.why === '' ? entry.why : rule.why }
}

function isOwn(entry: RiskEntry | RuleEntry): boolean {
  return 'replaces' in entry
}

function isSame(one: RiskEntry, other: RiskEntry): boolean {
  return one.id === other.id && one.tier === other.tier && one.disposition === other.disposition
}
