import { createHash } from 'node:crypto'
import type { Principal } from '../../identity/caller.ts'
import { claimAt } from '../../identity/claims/claim-at.ts'
import { contains, says } from '../../identity/claims/claim-value.ts'
import type { Quorum } from '../../lease/questions/quorum.ts'
import type { ClaimMatch, Group, Policy } from '../../policy/policy.ts'

/** Somebody who says yes: their name in the policy, and the groups that the claims of their token have them in. */
export interface Voice {
  readonly by: string
  /** As `claimed` has them. */
  readonly groups?: readonly string[] | undefined
}

type Person = Extract<Principal, { readonly kind: 'person' }>

/**
 * Of the groups that are wanted, those that this token says the person is in. Each stands for the group with the claims that it has now: when the policy comes to
 * want other claims, what was said before says nothing of it.
 */
export function claimed(
  { identity }: Person,
  { groups: wanted }: Quorum,
  { groups = [] }: Pick<Policy, 'groups'>,
): readonly string[] {
  return groups
    .filter(({ name }) => wanted.some(list => list.includes(name)))
    .filter(({ match }) => match !== null && match.issuer === identity.issuer && hasAll(match, identity.claims))
    .map(markOf)
}

/** Whether the policy of today finds this person in a group of each list. */
export function isWanted(voice: Voice, { groups }: Quorum, policy: Pick<Policy, 'groups'>): boolean {
  return groups.every(list => list.some(name => isIn(voice, name, policy)))
}

function isIn({ by, groups: marks = [] }: Voice, name: string, { groups = [] }: Pick<Policy, 'groups'>): boolean {
  const group = groups.find(one => one.name === name)
  if (group === undefined) return false
  return group.members.includes(by) || (group.match !== null && marks.includes(markOf(group)))
}

function hasAll({ claims }: ClaimMatch, found: Person['identity']['claims']): boolean {
  const wanted = Object.entries(claims)
  return wanted.length > 0 && wanted.every(([path, value]) => hasValue(claimAt(found, path), value))
}

function hasValue(found: unknown, value: string): boolean {
  return contains(found, value) || says(found, value)
}

function markOf({ name, match }: Group): string {
  const claims = Object.entries(match?.claims ?? {}).toSorted(([one], [other]) => (one < other ? -1 : 1))
  const text = JSON.stringify([name, match?.issuer, claims])
  return createHash('sha256').update(text).digest('base64url')
}

/** `2 people of platform-oncall` */
export function describeQuorum({ people, groups }: Quorum): string {
  return `${people === 1 ? '1 person' : `${people} people`}${ofGroups(groups)}`
}

/** `1 of 2 people of platform-oncall said yes` */
export function describeSaid(said: number, quorum: Quorum): string {
  return `${said} of ${describeQuorum(quorum)} said yes`
}

function ofGroups(groups: Quorum['groups']): string {
  const each = groups.map(list => (list.length === 0 ? 'nobody' : list.join(' or ')))
  return each.length === 0 ? '' : ` of ${each.join(', and of ')}`
}
