import { z } from 'zod'
import { SUBJECT_KINDS } from '../../lease/stop/subject.ts'
import type { Operation } from '../http/operation.ts'
import { STOPPING } from '../http/read-body.ts'
import { EPOCH_MS } from '../http/shown.ts'

const ACT = z.object({ by: z.string(), reason: z.string(), at: EPOCH_MS }).meta({ id: 'StopAct' }).nullable()

const SHOWN_STOP = z
  .object({
    subject: z.object({ kind: z.enum(SUBJECT_KINDS), name: z.string().describe("'' of `all`.") }),
    ended: ACT.describe('Leases of before this are over.'),
    stopped: ACT.describe('No new lease is given.'),
    frozen: ACT.describe('Nothing runs under its leases, until they are thawed.'),
  })
  .meta({ id: 'Stop', description: 'What was done to all leases that have something in common.' })

export const LIST_STOPS = {
  id: 'listStops',
  method: 'get',
  path: '/v1/stops',
  does: 'Lists what was done to leases by what they have in common; an agent sees what stands in its own way.',
  who: { agents: true, people: 'all' },
  status: 200,
  answer: z.object({ stops: z.array(SHOWN_STOP) }).meta({ id: 'Stops' }),
  refuses: [],
} as const satisfies Operation

export const ACT_ON_LEASES = {
  id: 'actOnLeases',
  method: 'post',
  path: '/v1/stops',
  does: 'Ends, stops, freezes, starts or thaws all leases of a subject.',
  more: 'The roles admin and stopper may end, stop and freeze; to start and thaw wants admin.',
  who: { agents: false, people: ['admin', 'stopper'] },
  body: STOPPING.meta({ id: 'ActOnLeases' }),
  status: 201,
  answer: SHOWN_STOP,
  refuses: [404],
} as const satisfies Operation
