import { z } from 'zod'

const EVENT = z.object({
  at: z.number().nullable().describe('Epoch milliseconds.'),
  what: z.string().describe('A request in words, or what was done to the lease or a question, and by whom.'),
  command: z.string(),
  decision: z
    .string()
    .describe('`allow`, `deny`, `pending`, `none` where Envoy answered by itself; empty of what is no request.'),
  reason: z.string(),
  approval: z.string(),
  status: z.number().nullable(),
  durationMs: z.number().nullable(),
  state: z.string().describe('What became of the request; empty of what is none.'),
  endReason: z.string(),
  auditId: z.string(),
})

/** Everything that happened under a lease, as the record has it. */
export const WHAT_HAPPENED = z.object({
  lease: z.string(),
  events: z.array(EVENT).describe('The oldest first.'),
  more: z.boolean().describe('There are later ones, which are left out.'),
})
