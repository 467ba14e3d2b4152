import type { z } from 'zod'
import type { Principal } from '../../identity/caller.ts'
import { type Lease, MOST_NARROWINGS, timesNarrowed } from '../../lease/lease.ts'
import { grantsAnything, smaller } from '../../lease/scope/smaller.ts'
import { narrowedEvent } from '../../record/journal/events.ts'
import { maskText } from '../../record/mask/mask-text.ts'
import type { LEASE_NARROWING } from '../http/read-body.ts'
import { StatusError } from '../http/refusal/status.ts'
import type { BrokerParts } from '../parts.ts'
import { findLease, type KnownLease } from './find-lease.ts'
import { mustHold } from './must-hold.ts'

/** Of several who narrow it at once, each comes after the others. */
const TRIES = 5

/** Makes a live lease smaller for good: its holder does, or whoever may end it. One that has no more already stays as it is. */
export async function narrowLease(
  id: string,
  wish: z.infer<typeof LEASE_NARROWING>,
  principal: Principal,
  parts: BrokerParts,
): Promise<KnownLease> {
  for (let tries = 0; tries < TRIES; tries++) {
    const known = await findLease(id, principal, parts)
    mustNarrow(principal)
    if (principal.kind === 'agent' && principal.agent !== known.lease.delegated?.by) mustHold(known.lease, principal)
    const made = wished(known, wish, principal, parts)
    if (made === null) return known
    const now = parts.clock()
    const contract = await parts.signer.seal(made)
    const event = JSON.stringify(narrowedEvent(made, made.narrowed))
    const isByHolder = principal.kind === 'agent'
    const became = await parts.leases.narrow({ lease: made, contract, before: known.lease, now, event, isByHolder })
    if (became === 'ended') throw new StatusError(409, `lease ${id} has ended`)
    if (became === 'too-long')
      throw new StatusError(400, `what would be left of lease ${id} is too long to be signed; name less`)
    if (became === 'moved') continue
    parts.log.info({ lease: id, by: made.narrowed.by, times: made.narrowed.times }, 'lease narrowed')
    return { ...known, lease: made }
  }
  throw new StatusError(409, `others narrow lease ${id} at the same time; look at it, and try again`)
}

/** Whether whoever asks narrows leases at all; that an agent narrows its own alone is said when its lease is known. */
export function mustNarrow(principal: Principal): void {
  if (principal.kind === 'person' && !principal.roles.includes('admin'))
    throw new StatusError(403, "only admins narrow others' leases")
}

/** Throws where it would be none any more. */
function wished(
  { lease, state }: KnownLease,
  { reason: said, ttl, ...lists }: z.infer<typeof LEASE_NARROWING>,
  principal: Principal,
  parts: BrokerParts,
): (Lease & Required<Pick<Lease, 'narrowed'>>) | null {
  const { id } = lease
  if (state.kind !== 'active' && state.kind !== 'frozen')
    throw new StatusError(409, `lease ${id} has ended (${state.kind})`)
  const at = parts.clock()
  const by = principal.kind === 'agent' ? principal.agent : principal.name
  const reason = maskText(said, parts.policy().mask)
  const made = smaller(lease, { ...lists, endsAt: ttl === null ? null : at + ttl }, { by, reason, at })
  if (made === null) return null
  if (!grantsAnything(made))
    throw new StatusError(400, `nothing would be left of lease ${id}; end it with: leasegate lease revoke ${id}`)
  if (made.narrowed === undefined || timesNarrowed(lease) >= MOST_NARROWINGS)
    throw new StatusError(
      409,
      `lease ${id} was narrowed ${MOST_NARROWINGS} times, which is the most there may be; end it instead`,
    )
  return { ...made, narrowed: made.narrowed }
}
