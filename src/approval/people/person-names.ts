import type { Person } from '../../policy/policy.ts'

/** Claims by which issuers name a person. */
export const NAME_CLAIMS = ['email', 'preferred_username', 'upn'] as const

/**
 * One spelling for all that people would take for the same name: compatibility forms, case (up and down again, so that ß is ss and a
 * final sigma a sigma), what shows as nothing, blanks around. Too much alike means a no, which somebody else can mend.
 */
export function foldName(name: string): string {
  return name
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFKC')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .trim()
}

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
