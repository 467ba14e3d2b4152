import type { Lease } from '../../lease/lease.ts'
import type { TakenSoFar } from '../../lease/lease-store.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import { isSelfReview } from '../../request/is-discovery.ts'
import type { Known } from '../settle.ts'
import type { Surroundings } from '../surroundings.ts'

/** What the store has to say to a question about one's own rights: as it is now, and nothing is taken. */
export interface Standing {
  /** Of the lease and of each above it, in the order of its ancestors. */
  readonly taken: readonly TakenSoFar[]
  readonly watchers: readonly string[]
}

/** Whether this asks what its client may do; others of these groups are for the API server. */
export function isRightsReview(request: ApiRequest): boolean {
  return isSelfReview(request) && request.info.apiGroup === 'authorization.k8s.io'
}

export function asksForRights({ request }: Pick<Known, 'request'>): boolean {
  return request !== null && isRightsReview(request)
}

/** Rejects when the store does not say. */
export async function standingOf(
  { id, ancestors }: Pick<Lease, 'id' | 'ancestors'>,
  { ledger, watchers }: Pick<Surroundings, 'ledger' | 'watchers'>,
): Promise<Standing> {
  const [taken, watch] = await Promise.all([ledger.taken([id, ...ancestors]), watchers(id)])
  return { taken, watchers: watch.names }
}
