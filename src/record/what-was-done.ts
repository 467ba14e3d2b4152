import { z } from 'zod'

const LAST_AT = z.number().nullable().describe('Epoch milliseconds.')

/** What became of a lease so far, as the record has it. */
export const WHAT_WAS_DONE = z.object({
  lease: z.string(),
  isWhole: z
    .boolean()
    .describe(
      'The lease was revoked, and that is on record: of what was asked before nothing is missing. Of others the record may lack the last moment.',
    ),
  requests: z.object({ allowed: z.number(), denied: z.number(), pending: z.number() }),
  changes: z
    .array(
      z.object({
        kind: z.string(),
        namespace: z.string(),
        name: z.string(),
        verbs: z.array(z.string()),
        done: z.number(),
        refused: z.number(),
        lastAt: LAST_AT,
      }),
    )
    .describe('Objects that writes reached, the first of them first.'),
  denials: z.array(
    z.object({ what: z.string(), reason: z.string(), detail: z.string(), times: z.number(), lastAt: LAST_AT }),
  ),
  total: z
    .object({ changes: z.number(), denials: z.number() })
    .describe('How many there are in all; of each list the first hundred are here.'),
})
