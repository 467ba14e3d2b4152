import { z } from 'zod'
import { LEASE } from '../../identity/token/lease-claims.ts'
import { BUDGETS } from '../../lease/lease.ts'
import { WHAT_HAPPENED } from '../../record/what-happened.ts'
import { WHAT_WAS_DONE } from '../../record/what-was-done.ts'
import { SHOWN_HOLD } from '../holds/hold-operations.ts'
import type { Operation } from '../http/operation.ts'
import { LEASE_END, LEASE_NARROWING, LEASE_REQUEST, NOTHING } from '../http/read-body.ts'
import { EPOCH_MS, MISSING, NEXT } from '../http/shown.ts'

const ACT = { by: z.string(), reason: z.string(), at: EPOCH_MS }
const STATE = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('active') }),
  z.object({ kind: z.literal('expired') }),
  z.object({ kind: z.literal('revoked'), ...ACT }),
  z.object({ kind: z.literal('frozen'), ...ACT }),
  z.object({ kind: z.literal('unknown') }),
])

const SHOWN_LEASE = LEASE.omit({ turn: true })
  .extend({
    issuedAt: EPOCH_MS,
    expiresAt: EPOCH_MS,
    handedOn: z.literal(true).exactOptional().describe('Whoever asks gave it to its agent, which alone uses it.'),
    state: STATE.describe('Only under one that is `active` anything is allowed.'),
    taken: z.partialRecord(z.enum(BUDGETS), z.int().nonnegative()).describe('What of its budgets is used.'),
  })
  .meta({ id: 'Lease', description: 'What was signed, and what became of it.' })

const ENDED_LEASE = z
  .object({
    ...SHOWN_LEASE.shape,
    hold: SHOWN_HOLD.exactOptional().describe('Where its agent is held with it.'),
    ended: z.array(z.string()).exactOptional().describe('Where its agent is held: leases that ended with it.'),
  })
  .meta({ id: 'EndedLease' })

const TOKEN = z
  .object({
    token: z.string().describe('Bearer token for the boundary.'),
    expiresAt: EPOCH_MS,
    isLast: z.boolean().describe('It ends with the lease: there will be no other one.'),
  })
  .meta({ id: 'LeaseToken' })

export const ISSUE_LEASE = {
  id: 'issueLease',
  method: 'post',
  path: '/v1/leases',
  does: 'Asks for a lease.',
  more: 'By a task template of the policy file. With `parent` it is narrowed from a lease that the agent has, and ends with it; with `forAgent` beside it, another agent gets it.',
  who: { agents: true, people: [] },
  body: LEASE_REQUEST.meta({ id: 'LeaseRequest' }),
  status: 201,
  answer: SHOWN_LEASE,
  refuses: [404, 409, 413, 429],
  gives: { lease: '/id' },
} as const satisfies Operation

export const LIST_LEASES = {
  id: 'listLeases',
  method: 'get',
  path: '/v1/leases',
  does: 'Lists leases: of everybody for people; for an agent its own, and those that it handed to others.',
  who: { agents: true, people: 'all' },
  pageAfter: 'lease',
  status: 200,
  answer: z.object({ leases: z.array(SHOWN_LEASE), next: NEXT, missing: MISSING }).meta({ id: 'LeasePage' }),
  refuses: [],
} as const satisfies Operation

export const GET_LEASE = {
  id: 'getLease',
  method: 'get',
  path: '/v1/leases/{lease}',
  does: 'Shows one lease.',
  who: { agents: true, people: 'all' },
  status: 200,
  answer: SHOWN_LEASE,
  refuses: [404],
} as const satisfies Operation

export const WHAT_LEASE_DID = {
  id: 'whatWasDone',
  method: 'get',
  path: '/v1/leases/{lease}/done',
  does: 'Tells what was done under a lease: requests, objects that were changed, refusals.',
  more: 'It is read from the record, one question of each caller at a time.',
  who: { agents: true, people: 'all' },
  status: 200,
  answer: WHAT_WAS_DONE.meta({ id: 'WhatWasDone' }),
  refuses: [404, 429],
} as const satisfies Operation

export const WHAT_HAPPENED_UNDER_LEASE = {
  id: 'whatHappened',
  method: 'get',
  path: '/v1/leases/{lease}/timeline',
  does: 'Tells what happened under a lease, in order: requests, questions and answers, what was done to the lease.',
  more: 'It is read from the record, one question of each caller at a time; the first 500 events.',
  who: { agents: true, people: 'all' },
  status: 200,
  answer: WHAT_HAPPENED.meta({ id: 'WhatHappened' }),
  refuses: [404, 429],
} as const satisfies Operation

export const ISSUE_TOKEN = {
  id: 'issueLeaseToken',
  method: 'post',
  path: '/v1/leases/{lease}/token',
  does: 'Gives a token for requests under the lease.',
  more: 'It lives for minutes. Ask for another one before it ends.',
  who: { agents: true, people: [] },
  body: NOTHING,
  status: 200,
  answer: TOKEN,
  refuses: [404, 409],
} as const satisfies Operation

export const NARROW_LEASE = {
  id: 'narrowLease',
  method: 'post',
  path: '/v1/leases/{lease}/narrow',
  does: 'Makes a live lease smaller for good, with all that were narrowed from it.',
  more: 'Of each list that is named, what the lease has of it stays. Agents narrow their own. Admins narrow any.',
  who: { agents: true, people: ['admin'] },
  body: LEASE_NARROWING.meta({ id: 'LeaseNarrowing' }),
  status: 200,
  answer: SHOWN_LEASE,
  refuses: [404, 409],
} as const satisfies Operation

export const END_LEASE = {
  id: 'endLease',
  method: 'delete',
  path: '/v1/leases/{lease}',
  does: 'Ends a lease, and all that were narrowed from it.',
  more: 'Agents end their own. Admins end any, and with `hold` the agent gets no other one for so long.',
  who: { agents: true, people: ['admin'] },
  body: LEASE_END.meta({ id: 'LeaseEnd' }),
  status: 200,
  answer: ENDED_LEASE,
  refuses: [404, 409],
} as const satisfies Operation
