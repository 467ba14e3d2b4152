import type { Actor, Lease } from '../../lease/lease.ts'
import { StatusError } from '../http/refusal/status.ts'
import type { AgentPrincipal } from '../parts.ts'

/**
 * Thumbprint of the certificate that a token of the lease is to be bound to: the one that the agent showed now. Null for a lease that is bound to
 * none. Throws where the lease is bound to another one, so that an identity token that was stolen is no way to it.
 */
export function mustHold(
  lease: Lease,
  { agent, holder, actors = [] }: Pick<AgentPrincipal, 'agent' | 'holder' | 'actors'>,
): string | null {
  const { id, holder: bound } = lease
  // Who handed it on sees it and ends it.
  if (lease.agent !== agent)
    throw new StatusError(403, `lease ${id} was handed to agent "${lease.agent}", and nobody else uses it`)
  if (lease.delegated !== undefined) throughNobody(lease, actors)
  if (bound === undefined) return null
  if (holder === undefined) {
    throw new StatusError(
      403,
      `lease ${id} is bound to a client certificate, and none was shown (LEASEGATE_CLIENT_CERT_FILE)`,
    )
  }
  const isSame = holder.thumbprint === bound.thumbprint
  const isNext = bound.boundTo === 'name' && holder.authority === bound.authority && holder.name === bound.name
  if (isSame || isNext) return holder.thumbprint
  throw new StatusError(403, `lease ${id} is bound to another client certificate${WHICH[bound.boundTo](bound)}`)
}

/** Its agent never asked for it, so whoever its token went through is not in it, and could say yes to what they do themselves. The first is who comes. */
function throughNobody({ id, actors: known = [] }: Lease, [, ...through]: readonly Actor[]): void {
  const other = through.find(
    one => !known.some(({ subject, issuer }) => subject === one.subject && issuer === one.issuer),
  )
  if (other !== undefined)
    throw new StatusError(
      403,
      `lease ${id} was handed to you, and your token went through ${other.subject}: use one that went through nobody`,
    )
}

const WHICH = {
  certificate: () => '; a lease that outlives its certificate wants boundTo: name of its authority',
  name: ({ authority, name }: NonNullable<Lease['holder']>) => `: one of ${name}, by ${authority}`,
} as const
