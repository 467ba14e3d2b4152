import { z } from 'zod'
import { PLAN } from '../../approval/plan/plan.ts'
import { QUESTION } from '../../approval/question/question.ts'
import { AGAIN } from '../../lease/questions/again.ts'
import type { Operation } from '../http/operation.ts'
import { ANSWER, REJECTION, WITHDRAWAL } from '../http/read-body.ts'
import { EPOCH_MS, MISSING, NEXT } from '../http/shown.ts'

const STATES = z.enum(['pending', 'approved', 'rejected', 'used', 'expired', 'withdrawn'])
const ASKED = QUESTION.meta({ id: 'Question', description: 'The request in words and bytes, made by the authorizer.' })

const SHOWN_APPROVAL = z
  .object({
    id: z.string(),
    lease: z.string(),
    agent: z.string(),
    digest: z.string().describe('Of the request that is asked about: a yes names it.'),
    questionSha256: z.string(),
    question: ASKED,
    state: STATES,
    askedAt: EPOCH_MS,
    endsAt: EPOCH_MS.describe('End of the question while it is pending, of the yes once there is one.'),
    useMs: z.int().describe('How long a yes can be used.'),
    decidedBy: z.string(),
    why: z.string().describe("In the words of who decided, '' for none."),
    again: AGAIN.nullable().describe('Why an earlier answer about the same does not hold.'),
    members: z
      .array(z.string())
      .readonly()
      .exactOptional()
      .describe('Of a question about several requests: those about each.'),
    batch: z.string().exactOptional().describe('Of one of several: the question about all, with which it is answered.'),
    lasting: z.string().exactOptional().describe('Of a yes that lasts as long as the lease.'),
    yeses: z.array(z.object({ by: z.string(), at: EPOCH_MS, why: z.string() })).describe('Those that count by now.'),
  })
  .meta({
    id: 'Approval',
    description: "A human's yes or no to one request, or to several that are answered together.",
  })

const LOOKED_AT = z
  .object({
    ...SHOWN_APPROVAL.shape,
    plan: PLAN.meta({ id: 'Plan' }).nullable().describe('What the request would do; agents are not told.'),
    planProblem: z
      .string()
      .describe(
        "Why there is no plan; '' where there is one. For an agent: why nobody can say yes, '' where somebody can.",
      ),
    requests: z
      .array(z.object({ id: z.string(), digest: z.string(), state: STATES, question: ASKED }))
      .exactOptional()
      .describe('Of a question about several requests: each, as it will run.'),
  })
  .meta({ id: 'ApprovalWithPlan' })

export const LIST_APPROVALS = {
  id: 'listApprovals',
  method: 'get',
  path: '/v1/approvals',
  does: 'Lists open questions, oldest first: all for people, its own for an agent.',
  who: { agents: true, people: 'all' },
  pageAfter: 'approval',
  status: 200,
  answer: z.object({ approvals: z.array(SHOWN_APPROVAL), next: NEXT, missing: MISSING }).meta({ id: 'ApprovalPage' }),
  refuses: [],
} as const satisfies Operation

export const GET_APPROVAL = {
  id: 'getApproval',
  method: 'get',
  path: '/v1/approvals/{approval}',
  does: 'Shows one question, and to people its plan.',
  who: { agents: true, people: 'all' },
  status: 200,
  answer: LOOKED_AT,
  refuses: [404, 409],
} as const satisfies Operation

export const APPROVE = {
  id: 'approve',
  method: 'post',
  path: '/v1/approvals/{approval}/approve',
  does: 'Says yes to what was looked at.',
  more: 'Never by who asked, nor by the person on whose behalf the agent acts.',
  who: { agents: false, people: ['approver'] },
  body: ANSWER.meta({ id: 'Yes' }),
  status: 200,
  answer: SHOWN_APPROVAL,
  refuses: [404, 409],
} as const satisfies Operation

export const REJECT = {
  id: 'reject',
  method: 'post',
  path: '/v1/approvals/{approval}/reject',
  does: 'Says no. Also takes back a yes that was not used.',
  who: { agents: false, people: ['approver'] },
  body: REJECTION.meta({ id: 'No' }),
  status: 200,
  answer: SHOWN_APPROVAL,
  refuses: [404, 409],
} as const satisfies Operation

export const WITHDRAW = {
  id: 'withdraw',
  method: 'post',
  path: '/v1/approvals/{approval}/withdraw',
  does: 'Takes back a question of its own, or a yes to it that was not used.',
  more: 'It is no answer: the same may be asked again. It counts among the open questions of the agent until its time is over.',
  who: { agents: true, people: [] },
  body: WITHDRAWAL.meta({ id: 'Withdrawal' }),
  status: 200,
  answer: SHOWN_APPROVAL,
  refuses: [404, 409],
} as const satisfies Operation
