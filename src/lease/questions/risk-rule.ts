import { createHash } from 'node:crypto'
import { z } from 'zod'
import { ONE, QUORUM, type Quorum, stricterQuorum } from './quorum.ts'

/** How much is at stake, least first. */
export const TIERS = ['low', 'medium', 'high', 'critical'] as const
export type Tier = (typeof TIERS)[number]

/** What a request may change, as far as its body and its verb tell. */
export const CHANGES = ['image', 'env', 'replicas', 'annotations', 'labels', 'deletes'] as const
export type Change = (typeof CHANGES)[number]

/** What a patch can be seen to change and nothing beside: in a list an element of another name is a new one. */
export const ONLY = ['annotations', 'labels', 'replicas'] as const satisfies readonly Change[]

const texts = z.array(z.string()).readonly()

/** An empty list says nothing, and so does 0. */
const MATCH = z.strictObject({
  verbs: texts,
  apiGroups: texts,
  resources: texts,
  /** Whole names, or beginnings with a last `*`. */
  resourceNames: texts,
  namespaces: texts,
  /** Any of these. */
  changes: z.array(z.enum(CHANGES)).readonly(),
  changesOnly: z.array(z.enum(ONLY)).readonly(),
  /** Prefixes of labels and annotations by which nothing acts, as the policy says. */
  ownPrefixes: texts.exactOptional(),
  /** So many objects, or more. */
  minObjects: z.int().nonnegative(),
  /** Risks that do not count where this surely matches. */
  replaces: texts,
})
export type Match = Readonly<z.infer<typeof MATCH>>

/** A risk of the policy's own; without `match` one of the catalogue, weighed anew. */
export const RISK_RULE = z.strictObject({
  id: z.string(),
  tier: z.enum(TIERS),
  /** Completes "this …"; '' for what the catalogue says. */
  why: z.string(),
  match: MATCH.readonly().nullable(),
})
export type RiskRule = Readonly<z.infer<typeof RISK_RULE>>

/** The rules of one state of a policy. */
export type RuleSet = readonly RiskRule[]

/** What a template makes of a tier: it passes, nobody can say yes to it, or these people have to. */
export const STANCE = z.union([z.enum(['pass', 'never']), QUORUM])
export type Stance = 'pass' | 'never' | Quorum
export type Tiers = Readonly<Partial<Record<Tier, Stance>>>

/** What both say of each tier. Only what both let pass does; of what one says nothing, the catalogue's own default holds. */
export function stricterTiers(a: Tiers, b: Tiers): Tiers {
  const both = TIERS.flatMap(tier => {
    const stance = stricterStance(a[tier], b[tier])
    return stance === undefined ? [] : [[tier, stance] as const]
  })
  return Object.fromEntries(both)
}

function stricterStance(a: Stance | undefined, b: Stance | undefined): Stance | undefined {
  if (a === 'never' || b === 'never') return 'never'
  const people = [a, b].filter(one => typeof one === 'object')
  if (people.length > 0) return people.reduce(stricterQuorum, ONE)
  return a === b ? a : undefined
}

/** Each set that is named by either: a risk is what any of them says it is. Of two that say the same the one of `b` is kept. */
export function bothRuleSets(a: readonly RuleSet[], b: readonly RuleSet[]): readonly RuleSet[] {
  const known = new Set(b.map(markOf))
  return [...b, ...a.filter(rules => !known.has(markOf(rules)))]
}

const marks = new WeakMap<RuleSet, string>()

/** Sets that say the same have the same; a lease and a policy are asked for theirs with every request. */
function markOf(rules: RuleSet): string {
  const before = marks.get(rules)
  if (before !== undefined) return before
  const mark = createHash('sha256')
    .update(JSON.stringify(rules.map(inOrder)))
    .digest('base64url')
  marks.set(rules, mark)
  return mark
}

function inOrder({ id, tier, why, match }: RiskRule): readonly unknown[] {
  return [id, tier, why, match && MATCH_KEYS.map(key => match[key])]
}

const MATCH_KEYS = Object.keys(MATCH.shape) as readonly (keyof Match)[]
