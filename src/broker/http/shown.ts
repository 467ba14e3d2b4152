import { z } from 'zod'

/** Parts of many answers. */
export const EPOCH_MS = z.int().nonnegative().describe('Epoch milliseconds.')
export const NEXT = z.string().nullable().describe('What to send as `after` for the next page; null: this is the last.')

export const MISSING = z
  .array(z.string())
  .readonly()
  .exactOptional()
  .describe(
    'Partitions of the store whose server does not answer: what they have is not in this list. Only with `partial`.',
  )

/** The broker's refusals, like Kubernetes' own. */
export const STATUS = z
  .object({
    kind: z.literal('Status'),
    apiVersion: z.literal('v1'),
    metadata: z.object({}),
    status: z.literal('Failure'),
    message: z.string().describe('One sentence for whoever reads the answer: what is wrong, and often the mend.'),
    reason: z.string().describe("Kubernetes' word for the code, such as `Forbidden`."),
    details: z
      .object({ causes: z.array(z.object({ reason: z.string(), message: z.string() })) })
      .exactOptional()
      .describe('For programs: `LeasegateApproval` is the question that it waits for.'),
    code: z.int().describe('The HTTP status.'),
  })
  .meta({ id: 'Status', description: 'A refusal, as metav1.Status of Kubernetes.' })
