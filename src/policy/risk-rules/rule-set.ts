import type { RiskRule, RuleSet } from '../../lease/questions/risk-rule.ts'
import { type ByResource, byResource } from '../risk/by-resource.ts'
import type { Disposition, RiskEntry, Where } from '../risk/entry.ts'
import { mayBe, surelyIs } from './match.ts'

/** A rule of the policy's own. */
export interface RuleEntry extends RiskEntry {
  /** Ids that do not count beside it, where `surely` says so. */
  readonly replaces: readonly string[]
  readonly surely: Where
}

/** Rules made ready for many requests. */
export interface Compiled {
  readonly entries: readonly RuleEntry[]
  readonly rules: ByResource<RuleEntry>
  readonly weighedAnew: ReadonlyMap<string, RiskRule>
}

const known = new WeakMap<RuleSet, Compiled>()

/** The same set is compiled once: policies and leases are kept as they were read. */
export function compiled(rules: RuleSet): Compiled {
  const before = known.get(rules)
  if (before !== undefined) return before
  const entries = rules.flatMap(toEntry)
  const weighedAnew = new Map(rules.filter(({ match }) => match === null).map(rule => [rule.id, rule]))
  const made = { entries, rules: byResource(entries), weighedAnew }
  known.set(rules, made)
  return made
}

/** Where a template says nothing of its tier. */
const BY_TIER = {
  low: 'pass',
  medium: 'pass',
  high: 'approval',
  critical: 'approval',
} as const satisfies Record<RiskRule['tier'], Disposition>

function toEntry({ id, tier, why, match }: RiskRule): readonly RuleEntry[] {
  if (match === null) return []
  return [
    {
      id,
      tier,
      why,
      disposition: BY_TIER[tier],
      verbs: orAny(match.verbs),
      apiGroups: orAny(match.apiGroups),
      resources: orAny(match.resources),
      where: asked => mayBe(match, asked),
      replaces: match.replaces,
      surely: asked => surelyIs(match, asked),
    },
  ]
}

function orAny(values: readonly string[]): readonly string[] {
  return values.length === 0 ? ['*'] : values
}
