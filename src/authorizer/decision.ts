import type { Denied } from '../denial/denied.ts'
import type { Nearly } from '../lease/committed.ts'
import type { Lease } from '../lease/lease.ts'
import type { RowKey } from '../record/row-key.ts'
import type { ApiRequest } from '../request/api-request.ts'

/** What the boundary says itself in place of the API server. */
export interface ReviewAnswer {
  /** The review with its status, JSON. */
  readonly body: string
  /** For people, where their client shows nothing else. */
  readonly warning: string | null
}

/** What is answered. An allow is in the journal before it gets here. */
export type Decision =
  | {
      readonly kind: 'allow'
      readonly key: RowKey
      readonly lease: Lease
      readonly request: ApiRequest
      /** The yes that it used; not there where no human was asked. */
      readonly approval?: string
      /** What has to be there for that yes to hold. */
      readonly bound?: string
      /** Words for the admission policies. */
      readonly granted?: string
      /** It runs only while somebody watches it. */
      readonly watched?: true
      /** How often the lease and those above it had been narrowed, in all; not there where none was. */
      readonly narrowed?: number
      /** Of a session where a budget counts its seconds: so many were taken for its beginning. */
      readonly seconds?: number
      /** Where little is left of a budget. */
      readonly nearly?: Nearly
    }
  /** Allowed, and answered by the boundary itself: it is in the journal, and never reaches the API server. */
  | {
      readonly kind: 'answer'
      readonly key: RowKey
      readonly lease: Lease
      readonly request: ApiRequest
      readonly review: ReviewAnswer
    }
  | Denied
