import type { SignedAnswer } from '../../identity/signed/answer.ts'
import type { Quorum } from '../../lease/questions/quorum.ts'
import type { Policy } from '../../policy/policy.ts'
import { apart } from './another-person.ts'
import { isWanted } from './groups.ts'

/** Where several people must say yes: what of the policy decides whose yes counts. */
export type Electorate = Pick<Policy, 'people' | 'groups'>

/**
 * Of signed yeses to one question those that count by the policy of the moment: of approvers, of the groups that are wanted, of people who
 * are surely not each other, and all to the same state of what is there, which is that of the last.
 */
export function counted<Yes extends SignedAnswer>(
  yeses: readonly Yes[],
  quorum: Quorum,
  policy: Electorate,
): readonly Yes[] {
  const wanted = yeses.filter(yes => isApprover(yes.by, policy) && isWanted(yes, quorum, policy))
  const last = wanted.at(-1)
  const found: Yes[] = []
  for (const yes of wanted) {
    const isToTheSame = (yes.seen ?? '') === (last?.seen ?? '')
    if (isToTheSame && found.every(other => apart(other, yes, policy) === 'another')) found.push(yes)
  }
  return found
}

export function isApprover(name: string, { people }: Pick<Policy, 'people'>): boolean {
  return people.some(person => person.name === name && person.roles.includes('approver'))
}
