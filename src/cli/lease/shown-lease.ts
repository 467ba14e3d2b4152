import { z } from 'zod'
import { LEASE } from '../../identity/token/lease-claims.ts'

const STATE = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('active') }),
  z.object({ kind: z.literal('expired') }),
  z.object({ kind: z.literal('revoked'), by: z.string(), reason: z.string(), at: z.number() }),
  z.object({ kind: z.literal('frozen'), by: z.string(), reason: z.string(), at: z.number() }),
  z.object({ kind: z.literal('unknown') }),
])

/** A lease as the broker shows it: what was signed, and what became of it. */
export const SHOWN_LEASE = LEASE.omit({ turn: true }).extend({
  handedOn: z.literal(true).exactOptional(),
  state: STATE,
  taken: z.record(z.string(), z.number()),
})
export type ShownLease = z.infer<typeof SHOWN_LEASE>

/** One page. */
export const SHOWN_LEASES = z
  .object({ leases: z.array(SHOWN_LEASE), next: z.string().nullable(), missing: z.array(z.string()).optional() })
  .transform(({ leases: items, ...rest }) => ({ items, ...rest }))
