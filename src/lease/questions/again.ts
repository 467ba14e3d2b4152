import { z } from 'zod'
import { isApprovalId } from '../lease-id.ts'

/** What a yes is bound to, each a hash or an id: which of them differs tells why a yes to an earlier request does not hold. */
export interface Parts {
  readonly policy: string
  readonly lease: string
  /** Method, path, query and media type. */
  readonly line: string
  readonly body: string
}

/** In the order in which they are kept. */
export const PARTS = ['policy', 'lease', 'line', 'body'] as const satisfies readonly (keyof Parts)[]

/** Why what an approver said to an earlier request does not hold for this one. */
export const AGAIN = z.object({
  /** The earlier approval. */
  before: z.string().refine(isApprovalId),
  /** `refused`: it was a no, to another request about the same. */
  why: z.array(z.enum([...PARTS, 'used', 'expired', 'refused'])).readonly(),
})
export type Again = Readonly<z.infer<typeof AGAIN>>
