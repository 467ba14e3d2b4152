import { z } from 'zod'
import type { Operation } from '../http/operation.ts'
import { HOLD, REVOCATION } from '../http/read-body.ts'
import { EPOCH_MS } from '../http/shown.ts'

export const SHOWN_HOLD = z
  .object({
    agent: z.string(),
    by: z.string(),
    reason: z.string(),
    at: EPOCH_MS,
    until: EPOCH_MS.nullable().describe('Epoch milliseconds; null: until somebody releases the agent.'),
  })
  .meta({ id: 'Hold', description: 'An agent that gets no lease and no token.' })

export const LIST_HOLDS = {
  id: 'listHolds',
  method: 'get',
  path: '/v1/holds',
  does: 'Lists agents that are held; an agent sees its own hold.',
  who: { agents: true, people: 'all' },
  status: 200,
  answer: z.object({ holds: z.array(SHOWN_HOLD) }).meta({ id: 'Holds' }),
  refuses: [],
} as const satisfies Operation

export const PLACE_HOLD = {
  id: 'holdAgent',
  method: 'post',
  path: '/v1/holds',
  does: 'Holds an agent: its leases end, and it gets no other one.',
  more: 'A hold that lasts longer already is not made shorter.',
  who: { agents: false, people: ['admin'] },
  body: HOLD.meta({ id: 'HoldRequest' }),
  status: 201,
  answer: z
    .object({ ...SHOWN_HOLD.shape, ended: z.array(z.string()).describe('Leases that ended with it.') })
    .meta({ id: 'PlacedHold' }),
  refuses: [404],
  gives: { agent: '/agent' },
} as const satisfies Operation

export const RELEASE_AGENT = {
  id: 'releaseAgent',
  method: 'delete',
  path: '/v1/holds/{agent}',
  does: 'Releases an agent.',
  who: { agents: false, people: ['admin'] },
  body: REVOCATION.meta({ id: 'Release' }),
  status: 200,
  answer: SHOWN_HOLD,
  refuses: [404],
} as const satisfies Operation
