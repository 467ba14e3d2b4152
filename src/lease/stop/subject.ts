import { foldName } from '../../support/text/fold-name.ts'
import type { Lease } from '../lease.ts'

/** What leases have in common that one act is done to: one of these and its name, or all there are. */
export const SUBJECT_KINDS = ['lease', 'task', 'template', 'agent', 'sponsor', 'issuer', 'all'] as const
export type SubjectKind = (typeof SUBJECT_KINDS)[number]

export interface Subject {
  readonly kind: SubjectKind
  /** '' of `all`, and of nothing else. */
  readonly name: string
}

/** As the store has it: no kind has a colon, so what follows the first one is the name, whatever it is. */
export function subjectKey({ kind, name }: Subject): string {
  return `${kind}:${kind === 'sponsor' ? personKey(name) : name}`
}

/** People are called the same by any spelling that passes for it; where nothing would be left, by the very letters. */
function personKey(name: string): string {
  return foldName(name) || name
}

/** Null for anything that `subjectKey` did not write. */
export function parseSubjectKey(text: string): Subject | null {
  const at = text.indexOf(':')
  const kind = SUBJECT_KINDS.find(one => one === text.slice(0, Math.max(at, 0)))
  const name = text.slice(at + 1)
  return kind === undefined || (kind === 'all') !== (name === '') ? null : { kind, name }
}

/**
 * What a lease comes under, beside itself and `all`: of one that was handed to its agent also whoever gave it; and whoever vouches for a person's
 * consent, for that person, or for the certificate that it is bound to.
 */
export function subjectsOf(
  lease: Pick<
    Lease,
    'agent' | 'template' | 'task' | 'sponsor' | 'issuer' | 'agentSponsor' | 'delegated' | 'onBehalfOf' | 'holder'
  >,
): readonly string[] {
  const { agent, template, task, sponsor, issuer = '', agentSponsor = '', delegated, onBehalfOf, holder } = lease
  const named: readonly Subject[] = [
    { kind: 'agent', name: agent },
    { kind: 'template', name: template },
    { kind: 'task', name: task.name },
    { kind: 'sponsor', name: sponsor },
    { kind: 'issuer', name: issuer },
    { kind: 'sponsor', name: agentSponsor },
    { kind: 'agent', name: delegated?.by ?? '' },
    { kind: 'issuer', name: delegated?.issuer ?? '' },
    { kind: 'issuer', name: onBehalfOf?.issuer ?? '' },
    { kind: 'issuer', name: onBehalfOf?.consent ?? '' },
    { kind: 'issuer', name: holder?.authority ?? '' },
  ]
  return [...new Set(named.filter(({ name }) => name !== '').map(subjectKey))]
}

/** For people: `agent "fixer"`, `all leases`. */
export function describeSubject({ kind, name }: Subject): string {
  return kind === 'all' ? 'all leases' : kind === 'lease' ? `lease ${name}` : `${kind} "${name}"`
}
