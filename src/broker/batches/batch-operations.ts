import { z } from 'zod'
import { MOST_MEMBERS } from '../../approval/batch/batch.ts'
import type { Operation } from '../http/operation.ts'
import type { Foreseen } from './judge-member.ts'

/** Bodies come as base64, so that what is judged is byte for byte what will be sent. */
const FORESEEN = z
  .strictObject({
    method: z.string().max(16),
    target: z.string().max(16_384).describe('Path and query.'),
    contentType: z.string().max(256),
    body: z.base64(),
  })
  .meta({ id: 'ForeseenRequest' })
  .transform(({ body, ...rest }): Foreseen => ({ ...rest, body: Buffer.from(body, 'base64') }))

const JUDGED = z
  .object({
    summary: z.string(),
    verdict: z.enum(['allowed', 'denied', 'asks', 'pending', 'approved']),
    reason: z.string().describe("Why it is denied, as the boundary's refusals have it; '' where it is not."),
    detail: z.string(),
    approval: z.string().nullable().describe('The question that it waits for, has a yes of, or was refused by.'),
  })
  .meta({ id: 'JudgedRequest' })

export const PLAN_REQUESTS = {
  id: 'planRequests',
  method: 'post',
  path: '/v1/leases/{lease}/plan',
  does: 'Judges requests that are still to come, and asks one question about those that want a yes.',
  who: { agents: true, people: [] },
  body: z.strictObject({ requests: z.array(FORESEEN).min(1).max(MOST_MEMBERS) }).meta({ id: 'ForeseenRequests' }),
  most: 1_048_576,
  status: 200,
  answer: z
    .object({
      requests: z.array(JUDGED),
      approval: z
        .string()
        .nullable()
        .describe('The question about all that ask; null where none does, or one is denied.'),
    })
    .meta({ id: 'JudgedRequests' }),
  refuses: [404, 409, 429],
} as const satisfies Operation
