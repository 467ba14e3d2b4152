import type { Address } from './address.ts'

/** Tells where the server is that a client works with, and whether it is still there. */
export interface Guide {
  /** What that server is by its word, between commas. */
  readonly role: string
  /** Why there is no connection, as far as it is known; null: it is not. */
  problem: string | null
  /** Rejects with a RedisError where nobody tells. */
  find(): Promise<Address>
  /** Told of where it is as often as somebody tells. */
  follow(follower: (at: Address) => void): void
  unfollow(follower: (at: Address) => void): void
}
