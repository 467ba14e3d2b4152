import { z } from 'zod'

/** More than these are a meeting, and each yes is one more signature to verify. */
export const MOST_PEOPLE = 5

/** How many people must say yes, and who: each of them is in one group of every list. */
export const QUORUM = z
  .strictObject({
    people: z.int().min(1).max(MOST_PEOPLE),
    groups: z.array(z.array(z.string()).readonly()).readonly(),
  })
  .readonly()
export type Quorum = z.infer<typeof QUORUM>

/** Any one approver. */
export const ONE: Quorum = { people: 1, groups: [] }

export function isOne({ people, groups }: Quorum): boolean {
  return people === 1 && groups.length === 0
}

/** What both want: who satisfies it satisfies each. */
export function stricterQuorum(a: Quorum, b: Quorum): Quorum {
  const known = new Set(a.groups.map(toText))
  const more = b.groups.filter(list => !known.has(toText(list)))
  return { people: Math.max(a.people, b.people), groups: [...a.groups, ...more] }
}

function toText(groups: readonly string[]): string {
  return JSON.stringify(groups)
}
