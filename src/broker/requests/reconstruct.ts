import type { Lease, LeaseState } from '../../lease/lease.ts'
import type { Policy } from '../../policy/policy.ts'
import { issuedAnew } from '../../policy/replay/issued-anew.ts'
import { likelyReadings, type Readings } from '../../policy/why/likely-readings.ts'
import { knownLease, leasesAbove } from '../leases/find-lease.ts'
import type { BrokerParts } from '../parts.ts'
import type { RequestRow } from './request-row.ts'

/** A request with the lease that it came under, and what it may have been. */
export interface Reconstructed {
  readonly row: RequestRow
  readonly lease: Lease
  /** Null where the store does not have it any more. */
  readonly state: LeaseState | null
  readonly above: readonly (Lease | null)[]
  /** Null where its row does not tell enough. */
  readonly readings: Readings | null
  readonly policy: Policy
}

export async function reconstruct(row: RequestRow, parts: BrokerParts): Promise<Reconstructed> {
  const policy = parts.policy()
  const found = await knownLease(row.lease, parts)
  const lease = found?.lease ?? asRecorded(row, policy)
  const above = await leasesAbove(lease, parts)
  const readings = likelyReadings(row.recorded, row.kubectlCommand, { lease, above, policy })
  return { row, lease, state: found?.state ?? null, above, readings, policy }
}

/** What the record has of a lease that the store forgot. */
function asRecorded({ recorded, lease: id, sponsor, scope, ancestors }: RequestRow, policy: Policy): Lease {
  const anew = issuedAnew(policy, recorded, recorded.namespaces)
  return { ...anew, id, sponsor, ancestors, ...(scope === null ? {} : { scope }) }
}
