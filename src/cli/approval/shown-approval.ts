import { z } from 'zod'

/** An approval as the broker shows it. */
export const SHOWN_APPROVAL = z.object({
  id: z.string(),
  lease: z.string(),
  agent: z.string(),
  digest: z.string(),
  question: z.object({
    summary: z.string(),
    method: z.string(),
    target: z.string(),
    contentType: z.string(),
    bodySha256: z.string(),
    bodyBytes: z.number(),
    bodyPreview: z.string(),
    risk: z.string(),
    agent: z.string(),
    sponsor: z.string(),
    task: z.string(),
    lease: z.string(),
  }),
  state: z.enum(['pending', 'approved', 'rejected', 'used', 'expired']),
  askedAt: z.number(),
  endsAt: z.number(),
  decidedBy: z.string(),
})
export type ShownApproval = z.infer<typeof SHOWN_APPROVAL>
