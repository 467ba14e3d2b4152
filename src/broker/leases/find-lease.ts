import type { Principal } from '../../identity/caller.ts'
import type { Lease, LeaseState } from '../../lease/lease.ts'
import { isLeaseId } from '../../lease/lease-id.ts'
import type { LeaseRecord, Page, PageOf } from '../../lease/lease-store.ts'
import { foldName } from '../../support/text/fold-name.ts'
import { StatusError } from '../http/refusal/status.ts'
import type { BrokerParts } from '../parts.ts'

export interface KnownLease {
  readonly lease: Lease
  readonly state: LeaseState
  readonly taken: LeaseRecord['taken']
}

/**
 * A lease that the principal may see. An agent sees those that it holds for the same sponsor, and those that it handed out of them: what it does for
 * another one is not theirs to see, narrow, renew or end. Others' leases are as unknown to it as those that never were.
 */
export async function findLease(id: string, principal: Principal, parts: BrokerParts): Promise<KnownLease> {
  const known = await knownLease(id, parts)
  if (known === null || !(isHolder(principal, known.lease) || isGiver(principal, known.lease)))
    throw new StatusError(404, 'there is no such lease, or it is not yours')
  if (!(await maySee(principal, known.lease, parts)))
    throw new StatusError(403, 'the lease was given on behalf of another sponsor')
  return known
}

/** Whoever's it is; null where the store does not have it, or not any more. */
export async function knownLease(
  id: string,
  parts: Pick<BrokerParts, 'leases' | 'clock' | 'signer'>,
): Promise<KnownLease | null> {
  const record = isLeaseId(id) ? await parts.leases.find(id, parts.clock()) : null
  const known = record === null ? null : await toKnown(record, parts)
  // A contract that lies under another lease's id was put there by somebody.
  return known?.lease.id === id ? known : null
}

/** Those that it was narrowed from, root first; null for one that the store does not have any more, or that cannot be read. */
export function leasesAbove(
  { ancestors }: Pick<Lease, 'ancestors'>,
  parts: Pick<BrokerParts, 'leases' | 'clock' | 'signer'>,
): Promise<readonly (Lease | null)[]> {
  return Promise.all(ancestors.map(async id => (await knownLease(id, parts))?.lease ?? null))
}

/** Whether it holds the lease, and for the same sponsor. */
export function maySeeLease(principal: Principal, lease: Lease): boolean {
  return isHolder(principal, lease) && isSponsored(principal, lease)
}

/** Also what was handed out of a lease of its own. */
async function maySee(
  principal: Principal,
  lease: Lease,
  parts: Pick<BrokerParts, 'leases' | 'clock' | 'signer'>,
): Promise<boolean> {
  if (maySeeLease(principal, lease)) return true
  if (!isGiver(principal, lease)) return false
  const parent = await knownLease(lease.ancestors.at(-1) ?? '', parts)
  return parent !== null && maySeeLease(principal, parent.lease)
}

export async function listLeases(
  principal: Principal,
  page: Omit<PageOf, 'agent'>,
  parts: BrokerParts,
): Promise<Page<KnownLease>> {
  const agent = principal.kind === 'agent' ? principal.agent : null
  const { items, ...rest } = await knownLeases({ agent, ...page }, parts)
  const seen = await Promise.all(items.map(({ lease }) => maySee(principal, lease, parts)))
  return { items: items.filter((_, at) => seen[at]), ...rest }
}

/** Everybody's, or those of one agent: for who may see all of them. */
export async function knownLeases(page: PageOf, parts: BrokerParts): Promise<Page<KnownLease>> {
  const { items, ...rest } = await parts.leases.list(page, parts.clock())
  const known = await Promise.all(items.map(record => toKnown(record, parts)))
  return { items: known.filter(one => one !== null), ...rest }
}

async function toKnown(
  { contract, state, taken }: LeaseRecord,
  { signer }: Pick<BrokerParts, 'signer'>,
): Promise<KnownLease | null> {
  const lease = await signer.open(contract)
  return lease === null ? null : { lease, state, taken }
}

function isHolder(principal: Principal, lease: Lease): boolean {
  return principal.kind === 'person' || principal.agent === lease.agent
}

function isGiver(principal: Principal, { delegated }: Lease): boolean {
  return principal.kind === 'agent' && principal.agent === delegated?.by
}

/** A consent is brought once: later its agent comes as it always does, for nobody, or for the same person in the spelling that its policy has. */
function isSponsored(principal: Principal, { sponsor, agentSponsor, onBehalfOf }: Lease): boolean {
  if (principal.kind === 'person' || principal.sponsor === sponsor || principal.sponsor === agentSponsor) return true
  return onBehalfOf !== undefined && (principal.sponsor === '' || foldName(principal.sponsor) === foldName(sponsor))
}
