import { z } from 'zod'
import type { Operation } from '../http/operation.ts'
import { NOTHING, SESSION_END } from '../http/read-body.ts'
import { EPOCH_MS } from '../http/shown.ts'

export const END_SESSION = {
  id: 'endSession',
  method: 'post',
  path: '/v1/sessions/{auditId}/end',
  does: 'Cuts one open session, whatever becomes of its lease.',
  more: 'Waits some seconds for an authorizer to say that it cut it.',
  who: { agents: false, people: ['approver', 'stopper', 'admin'] },
  body: SESSION_END.meta({ id: 'SessionEnd' }),
  status: 201,
  answer: z
    .object({
      auditId: z.string(),
      by: z.string(),
      reason: z.string(),
      cutAt: EPOCH_MS.nullable().describe(
        'Epoch milliseconds; null: nobody said that it was cut, so it may be over, or still open.',
      ),
    })
    .meta({ id: 'EndedSession' }),
  refuses: [],
} as const satisfies Operation

export const WATCH_LEASE = {
  id: 'watchLease',
  method: 'post',
  path: '/v1/leases/{lease}/watches/{watch}',
  does: 'Says that the caller watches the sessions of a lease, and goes on to.',
  more: 'It counts for some seconds and is said again. For who may say yes to what the agent asks.',
  who: { agents: false, people: ['approver'] },
  body: NOTHING,
  status: 201,
  answer: z
    .object({
      lease: z.string(),
      by: z.string(),
      until: EPOCH_MS.describe('So long it counts, epoch milliseconds.'),
      markMs: z.int().describe('How long one counts.'),
      renewMs: z.int().describe('How soon to say it again.'),
    })
    .meta({ id: 'Watching' }),
  refuses: [404, 409],
} as const satisfies Operation

export const LEAVE_WATCH = {
  id: 'leaveWatch',
  method: 'delete',
  path: '/v1/leases/{lease}/watches/{watch}',
  does: 'Says that the caller watches no more.',
  who: { agents: false, people: ['approver'] },
  body: NOTHING,
  status: 200,
  answer: z
    .object({ lease: z.string(), by: z.string(), left: z.boolean().describe('False: there was no such watch.') })
    .meta({ id: 'LeftWatch' }),
  refuses: [404],
} as const satisfies Operation
