import { z } from 'zod'
import { CHANGES, ONLY, type RiskRule, TIERS } from '../../lease/questions/risk-rule.ts'
import type { Names } from './values/names.ts'
import { known, oneOf, strict } from './values/strict.ts'
import * as word from './values/words.ts'

/** More than anybody can keep in mind; each lease carries them all, signed. */
const MOST_RULES = 50
/** Each is a label and an annotation more that a replay tries. */
const MOST_PREFIXES = 10
const NO_LABELS =
  'cannot be judged here: what labels a namespace has is for the cluster to say; list its name under namespaces, or a class under namespaceClass'

/** Rules as the file has them: namespaces of a class are filled in by `inClasses`. */
export function riskRules(names: Names) {
  return z.array(riskRule(names)).max(MOST_RULES, `must be ${MOST_RULES} rules at most`).default([])
}

export type ReadRule = z.output<ReturnType<typeof riskRule>>

function riskRule(names: Names) {
  const unknowable = z.custom<undefined>(() => false, NO_LABELS).optional()
  return strict({
    // What is said of leases, and of budgets.
    id: word.name.refine(id => id !== 'lease' && id !== 'budget', {
      error: 'is kept for what is no risk of a request',
    }),
    tier: oneOf(TIERS),
    why: word.sentence.default(''),
    verbs: z.array(word.verb).default([]),
    apiGroups: z.array(word.apiGroup).default([]),
    resources: z.array(word.resource).default([]),
    resourceNames: z.array(word.resourceNamePattern).default([]),
    namespaces: z.array(word.namespacePattern).default([]),
    namespaceClass: known(names.namespaceClasses, 'namespace class of this file').optional(),
    namespaceSelector: unknowable,
    namespaceLabels: unknowable,
    changes: z.array(oneOf(CHANGES)).default([]),
    changesOnly: z.array(oneOf(ONLY)).default([]),
    ownPrefixes: z
      .array(word.notePrefix)
      .min(1, 'must name a prefix')
      .max(MOST_PREFIXES, `must name ${MOST_PREFIXES} at most`)
      .exactOptional(),
    minObjects: z.int().min(2, 'must be 2 at least').optional(),
    replaces: z.array(known(names.replaceable, 'risk that a rule may stand for')).default([]),
  })
}

/** Namespaces in words: names, and beginnings with a last `*`. */
export type Classes = Readonly<Record<string, readonly string[]>>

export function namespaceClasses() {
  const patterns = z.array(word.namespacePattern).min(1, 'must name a namespace')
  return z.record(word.name, patterns).default({})
}

/** What stands in the file's own words, ready to be signed and matched. */
export function toRule(read: ReadRule, classes: Classes, isBuiltIn: (id: string) => boolean): RiskRule {
  const { id, tier, why, namespaceClass, namespaceSelector: _, namespaceLabels: __, ...rest } = read
  if (isBuiltIn(id)) return { id, tier, why, match: null }
  const namespaces = [...rest.namespaces, ...(namespaceClass === undefined ? [] : (classes[namespaceClass] ?? []))]
  return { id, tier, why, match: { ...rest, namespaces, minObjects: rest.minObjects ?? 0 } }
}
