import { z } from 'zod'

/** What a server tells the process that ends its leases, a line each. Over a pipe that nobody else has: tokens are in it. */
export const TOLD = z.discriminatedUnion('kind', [
  /** The newest token of somebody, and when it ends. */
  z.object({ kind: z.literal('token'), of: z.string(), token: z.string(), expiresAt: z.number() }),
  z.object({ kind: z.literal('hold'), lease: z.string(), of: z.string() }),
  z.object({ kind: z.literal('end'), lease: z.string(), reason: z.string() }),
  /** Its time was over. */
  z.object({ kind: z.literal('forget'), lease: z.string() }),
])
export type Told = z.infer<typeof TOLD>

/** What came of an end. */
export const ANSWERED = z.object({ lease: z.string(), ended: z.boolean(), said: z.string() })
export type Answered = z.infer<typeof ANSWERED>

/** A lease ends so long before the token by which it can be ended. */
export const BEFORE_TOKEN_MS = 30_000
