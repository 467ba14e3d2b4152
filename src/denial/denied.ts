import type { Lease } from '../lease/lease.ts'
import type { DenyReason } from '../policy/judge/verdict.ts'
import type { WayIn } from '../policy/template/ways-in.ts'
import type { RowKey } from '../record/row-key.ts'
import type { ApiRequest } from '../request/api-request.ts'

/** A request that was not let through, with all that is said of that. */
export interface Denied {
  readonly kind: 'deny'
  readonly key: RowKey
  readonly reason: DenyReason
  /** Completes the sentence for the client; safe to show. */
  readonly detail: string
  /** Null when the request was refused unread, or no lease could be named. */
  readonly request: ApiRequest | null
  readonly lease: Lease | null
  /** The approval that this request waits for, or was refused by. */
  readonly approval: string | null
  /** What would pass under the same lease, '' when nothing is near. */
  readonly instead: string
  /** What would let the request pass, the smallest first. */
  readonly ways: readonly WayIn[]
}
