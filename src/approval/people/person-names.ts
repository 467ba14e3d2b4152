import type { Person } from '../../policy/policy.ts'
import { foldName } from '../../support/text/fold-name.ts'

/** Claims by which issuers name a person. */
export const NAME_CLAIMS = ['email', 'preferred_username', 'upn'] as const

export function isSameName(one: string, other: string): boolean {
  return foldName(one) === foldName(other)
}

/** Whether the policy calls this person so. */
export function isCalled({ name, alsoKnownAs }: Pick<Person, 'name' | 'alsoKnownAs'>, called: string): boolean {
  return [name, ...alsoKnownAs].some(one => isSameName(one, called))
}

/** Addresses can be told apart from addresses, and plain names from plain names. */
export function isSameKind(one: string, other: string): boolean {
  return one.includes('@') === other.includes('@')
}
