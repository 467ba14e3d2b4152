import type { Subject } from '../lease/stop/subject.ts'
import { foldName } from '../support/text/fold-name.ts'
import { suggest } from './file/issues/suggest.ts'
import type { Policy } from './policy.ts'

/** Why no lease given today comes under this; null where one may. Whoever stops a misspelt agent believes that it is stopped. */
export function unknownSubject({ kind, name }: Subject, policy: Policy): string | null {
  const issuers = [...policy.issuers, ...(policy.certificateAuthorities ?? [])]
  const named = { agent: policy.agents, template: policy.templates, issuer: issuers }
  if (kind !== 'agent' && kind !== 'template' && kind !== 'issuer') return null
  const known = named[kind].map(one => one.name)
  return known.includes(name) ? null : `the policy file has no ${kind} "${name}"${suggest(name, known)}`
}

/** The same person by all other names that the policy knows: leases name their sponsor as an issuer does. */
export function otherSubjects({ kind, name }: Subject, { people }: Pick<Policy, 'people'>): readonly Subject[] {
  if (kind !== 'sponsor') return []
  const names = new Set([foldName(name)])
  // Two entries that share a name are one person, so what is found is looked for as well.
  const called = people.map(person => [person.name, ...person.alsoKnownAs].map(foldName))
  for (const known of names) {
    for (const other of called.filter(all => all.includes(known)).flat()) names.add(other)
  }
  return [...names].slice(1).map(other => ({ kind, name: other }))
}
