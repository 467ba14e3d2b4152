import type { Address } from '../guide/address.ts'

/** How sentinels are asked which server is the primary. */
export interface SentinelSettings {
  /** Null: there are none, and nothing else of these may be set. */
  readonly addresses: readonly Address[] | null
  readonly username?: string | null
  /** Read again for each connection. */
  readonly passwordFile?: string | null
  /** Null: as the store itself. */
  readonly tls?: boolean | null
  /** PEM file of the authorities that they are trusted by, null for those of the store. */
  readonly caFile?: string | null
}
