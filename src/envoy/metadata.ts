import { EXTRA_KEYS } from '../policy/rbac/identity.ts'
import type { RowKey } from '../record/row-key.ts'
import type { Answer, Identity } from './answer.ts'
import { fromStruct, type Plain, type Struct, toStruct } from './struct.ts'

/** Namespace under which Envoy keeps what the authorizer answered. */
export const METADATA_NAMESPACE = 'envoy.filters.http.ext_authz'

/** Slots for groups in Envoy's configuration; an identity with more of them is refused. */
export const GROUP_SLOTS = 4

/** Extras that Envoy's configuration knows: metadata key → key of the extra. */
export const EXTRA_SLOTS = EXTRA_KEYS

/** Key of the approval that a request used. */
export const APPROVAL = 'approval'

/** Key that says of a session that somebody has to watch it. */
const WATCHED = 'watched'

/** Key that says how often the leases of a session had been narrowed. */
const NARROWED = 'narrowed'

/** Key that says of a session how many seconds it has for its beginning. */
const SECONDS = 'seconds'

/** Header lines are made of these values: a line break in one would be a header of somebody else's. */
const PRINTABLE = /^[\x20-\x7e]+$/

/** What travels beside the answer, into the identity headers, the side stream and the access log. Throws on what cannot be sent. */
export function toMetadata(answer: Answer): Struct {
  const { auditId, decidedAt, agent, lease } = answer.key
  const row = { audit_id: auditId, decided_at: decidedAt, agent, lease }
  // Envoy is told that nothing passes, whatever is answered: it puts no words of its own in the place of these.
  if (answer.kind !== 'allow') return toStruct({ row, denied: true })
  const lines = toIdentityLines(answer.identity)
  return toStruct({
    row,
    ...lines,
    ...(answer.watched === true ? { [WATCHED]: true } : {}),
    ...(answer.narrowed === undefined ? {} : { [NARROWED]: answer.narrowed }),
    ...(answer.seconds === undefined ? {} : { [SECONDS]: answer.seconds }),
    ...(answer.approval === undefined ? {} : { [APPROVAL]: answer.approval }),
  })
}

/** What Envoy makes header lines of, by slot. Throws on what cannot be sent. */
export function toIdentityLines({ user, groups, extras }: Identity): Readonly<Record<string, string>> {
  if (groups.length > GROUP_SLOTS) throw new Error(`more than ${GROUP_SLOTS} groups`)
  const lines: Record<string, string> = { user }
  for (const [index, group] of groups.entries()) lines[`group${index}`] = group
  for (const [slot, key] of Object.entries(EXTRA_SLOTS)) {
    const value = extras[key]
    if (value !== undefined) lines[slot] = value
  }
  for (const [slot, value] of Object.entries(lines)) {
    if (!PRINTABLE.test(value)) throw new Error(`${slot} of the identity is not printable ASCII`)
  }
  return lines
}

/** The row key that `toMetadata` put there, or null when there is none. */
export function fromMetadata(struct: Struct | null | undefined): RowKey | null {
  const { row } = fromStruct(struct)
  if (typeof row !== 'object') return null
  const { audit_id: auditId, decided_at: decidedAt, agent, lease } = row as Plain
  if (typeof auditId !== 'string' || typeof decidedAt !== 'number') return null
  if (typeof agent !== 'string' || typeof lease !== 'string') return null
  return { auditId, decidedAt, agent, lease }
}

/** Whether `toMetadata` said that somebody has to watch. */
export function isWatchedIn(struct: Struct | null | undefined): boolean {
  return fromStruct(struct)[WATCHED] === true
}

/** How often the leases had been narrowed, as `toMetadata` said. */
export function timesNarrowedIn(struct: Struct | null | undefined): number {
  const { [NARROWED]: times } = fromStruct(struct)
  return typeof times === 'number' ? times : 0
}

/** How many seconds a session has for its beginning, as `toMetadata` said; null where nothing counts them. */
export function secondsIn(struct: Struct | null | undefined): number | null {
  const { [SECONDS]: seconds } = fromStruct(struct)
  return typeof seconds === 'number' ? seconds : null
}

/** The approval that `toMetadata` put there, or null when none was used. */
export function approvalIn(struct: Struct | null | undefined): string | null {
  const { [APPROVAL]: approval } = fromStruct(struct)
  return typeof approval === 'string' ? approval : null
}
