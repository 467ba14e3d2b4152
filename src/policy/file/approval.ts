import { z } from 'zod'
import type { Terms } from '../../lease/lease.ts'
import { isOne, MOST_PEOPLE, ONE, type Quorum } from '../../lease/questions/quorum.ts'
import { type Stance, TIERS, type Tier, type Tiers } from '../../lease/questions/risk-rule.ts'
import type { Names } from './values/names.ts'
import { known, strict } from './values/strict.ts'

/** What of a template asks, and who has to say yes. */
export function approval(names: Names): z.ZodType<Terms['approval']> {
  const risks = z.array(known(names.risks, 'risk')).default([])
  return strict({
    skip: risks,
    require: risks,
    ...peopleOf(names),
    risks: byRisk(names),
    tiers: byTier(names),
    untilLeaseEnds: z.boolean().default(false),
  })
    .prefault({})
    .transform(({ skip, require, risks, tiers, untilLeaseEnds, ...wanted }) => {
      const quorum = toQuorum(wanted)
      return {
        skip,
        require,
        ...(isOne(quorum) ? {} : { quorum }),
        ...(Object.keys(risks).length === 0 ? {} : { risks }),
        ...(Object.keys(tiers).length === 0 ? {} : { tiers }),
        ...(untilLeaseEnds ? ({ untilLeaseEnds } as const) : {}),
      }
    })
}

/** Who has to say yes, where somebody has to in any case. */
export function people(names: Names): z.ZodType<Quorum> {
  return strict(peopleOf(names)).transform(toQuorum)
}

function peopleOf(names: Names) {
  const bounds = `must be a number from 1 to ${MOST_PEOPLE}`
  return {
    people: z.int(bounds).min(1, bounds).max(MOST_PEOPLE, bounds).default(1),
    groups: z
      .array(known(names.groups, 'group of this file'))
      .min(1, 'must name a group')
      .max(8, 'must name 8 groups at most')
      .optional(),
  }
}

function byRisk(names: Names) {
  const error = (issue: { readonly code?: string }) => (issue.code === 'invalid_key' ? 'names no risk' : undefined)
  return z.record(known(names.risks, 'risk'), people(names), { error }).default({})
}

function byTier(names: Names) {
  const stance: z.ZodType<Stance> = z.union(
    [z.literal('ask').transform(() => ONE), z.enum(['pass', 'never']), people(names)],
    { error: 'must be pass, ask, never, or who has to say yes: {people: 2, groups: […]}' },
  )
  const shape = Object.fromEntries(TIERS.map(tier => [tier, stance.exactOptional()]))
  return strict(shape).default({}).transform(noLaxerAbove)
}

/** A tier that is left out is no laxer than the one below it: in kube-system everything weighs one tier more. */
function noLaxerAbove(tiers: Tiers): Tiers {
  let below: Stance | undefined
  const filled: { [tier in Tier]?: Stance } = {}
  for (const tier of TIERS) {
    const stance = tiers[tier] ?? (below === 'pass' ? undefined : below)
    if (stance !== undefined) filled[tier] = stance
    below = stance
  }
  return filled
}

function toQuorum({ people, groups }: { people: number; groups?: readonly string[] | undefined }): Quorum {
  return { people, groups: groups === undefined ? [] : [groups] }
}
