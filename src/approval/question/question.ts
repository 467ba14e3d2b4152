import { z } from 'zod'
import { QUORUM } from '../../lease/questions/quorum.ts'

/** The request in words and bytes as an approver sees it. */
export const QUESTION = z.object({
  /** One line; two that differ may share it, their digests never. */
  summary: z.string(),
  /** What the body says, field by field, what matters most first; and what is not shown. */
  facts: z.array(z.string()).readonly().default([]),
  method: z.string(),
  target: z.string(),
  contentType: z.string(),
  bodySha256: z.string(),
  bodyBytes: z.number(),
  /** First kilobytes of a readable body that is no credential, else ''. */
  bodyPreview: z.string(),
  /** How much of the body the preview is, or why there is none; '' when it is all of it. */
  bodyCut: z.string().default(''),
  risk: z.string(),
  /** How much is at stake, and what completes "this …"; '' in questions of before. */
  tier: z.string().default(''),
  why: z.string().default(''),
  /** Who has to say yes, where that is more than any one approver. */
  quorum: QUORUM.optional(),
  /** Budgets of the lease that have nothing left for it. */
  beyond: z.array(z.string()).readonly().optional(),
  /** Whether the yes may be for this verb on this object, whatever is in the body, until the lease ends. */
  untilLeaseEnds: z.literal(true).optional(),
  agent: z.string(),
  /** Which agent handed it the lease, or the one that it narrowed that from, where one did. */
  delegatedBy: z.string().optional(),
  sponsor: z.string(),
  /** The agent's own words, which nobody checked. */
  task: z.string(),
  lease: z.string(),
})
export type Question = Readonly<z.infer<typeof QUESTION>>
