import { z } from 'zod'
import { PLAN } from '../../approval/plan/plan.ts'
import { QUESTION } from '../../approval/question/question.ts'
import { AGAIN } from '../../lease/questions/again.ts'

/** An approval as the broker shows it. */
export const SHOWN_APPROVAL = z.object({
  id: z.string(),
  lease: z.string(),
  agent: z.string(),
  digest: z.string(),
  question: QUESTION,
  state: z.enum(['pending', 'approved', 'rejected', 'used', 'expired', 'withdrawn']),
  askedAt: z.number(),
  endsAt: z.number(),
  decidedBy: z.string(),
  why: z.string().default(''),
  /** Whose yes counts at the moment. */
  yeses: z
    .array(z.object({ by: z.string(), at: z.number(), why: z.string() }))
    .readonly()
    .default([]),
  again: AGAIN.nullable().default(null),
  plan: PLAN.nullable().default(null),
  planProblem: z.string().default(''),
  lasting: z.string().optional(),
  /** Of a question about several requests each, as it will run. */
  requests: z
    .array(z.object({ id: z.string(), digest: z.string(), state: z.string(), question: QUESTION }))
    .readonly()
    .optional(),
})
export type ShownApproval = z.infer<typeof SHOWN_APPROVAL>

/** One page. */
export const SHOWN_APPROVALS = z
  .object({ approvals: z.array(SHOWN_APPROVAL), next: z.string().nullable(), missing: z.array(z.string()).optional() })
  .transform(({ approvals: items, ...rest }) => ({ items, ...rest }))
