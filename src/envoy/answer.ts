import type { RowKey } from '../record/row-key.ts'

/** Whom the API server sees. Values must be printable ASCII: they become header lines. */
export interface Identity {
  readonly user: string
  readonly groups: readonly string[]
  /** Keys as in `EXTRA_KEYS`. */
  readonly extras: Readonly<Record<string, string>>
}

export type Denial = Extract<Answer, { readonly kind: 'deny' }>

/** What Envoy is told about one request. */
export type Answer =
  | {
      readonly kind: 'allow'
      readonly key: RowKey
      readonly identity: Identity
      /** Envoy cuts the stream after so many milliseconds; at least 1. */
      readonly streamMs: number
      /** Sets the query parameter of that name, for watches. */
      readonly timeoutSeconds: number | null
      /** Text of a `Warning: 299` header. */
      readonly warning: string | null
      /** The yes that it used: by it Envoy tells the authorizer when the API server put the request off. */
      readonly approval?: string
      /** Of a session that runs only while somebody watches it. */
      readonly watched?: true
      /** How often its lease and those above it had been narrowed, in all; not there where none was. */
      readonly narrowed?: number
      /** Of a session whose seconds are taken from a budget as it runs: those that it has for its beginning. */
      readonly seconds?: number
    }
  /** Given in place of the API server, which never sees the request. */
  | {
      readonly kind: 'answer'
      readonly key: RowKey
      readonly status: number
      /** JSON. */
      readonly body: string
      readonly warning: string | null
    }
  | {
      readonly kind: 'deny'
      readonly key: RowKey
      readonly status: number
      /** Seconds. */
      readonly retryAfter: number | null
      /** metav1.Status, JSON. */
      readonly body: string
    }
