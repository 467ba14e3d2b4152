import type { Approval } from '../../approval/approval.ts'
import type { Plan, Planned } from '../../approval/plan/plan.ts'
import type { Sent } from '../../approval/sent/sent.ts'
import type { Lease } from '../../lease/lease.ts'
import type { ApiRequest } from '../../request/api-request.ts'

/** What a yes is given to. */
export type Bound =
  /** Words that the API server compares with what is there; '' where there is nothing to compare. */
  | {
      readonly kind: 'bound'
      readonly bound: string
      /** Hash of what was looked at, not there where nothing was. Two yeses to one plan have the same. */
      readonly seen?: string
      /** Of the plan, where it says what would be another. */
      readonly changes?: Plan['changes']
    }
  /** It is not there any more as the plan has it, and there is a new plan; or nobody can say yes to it. */
  | { readonly kind: 'moved'; readonly why: string }

/** What is found out about questions, by whoever may look into the cluster. No method rejects: without a plan a question stands. */
export interface Planner {
  /** What is known; of an open question that has no plan one is made. */
  of(approval: Approval): Promise<Planned>
  /** Looks again, at the moment of a yes to the plan that was made at `seenAt` (null: whoever said it names none). */
  bind(approval: Approval, seenAt: number | null): Promise<Bound>
  /** Why nobody can say yes to it, as far as a plan that is there says so; '' otherwise. */
  refusal(approval: Approval): Promise<string>
  /** Makes the plan of a question that was just asked. */
  plan(id: string): Promise<void>
}

/** Of a broker that has no account in the cluster. */
export function noPlanner(problem: string): Planner {
  return {
    of: async () => ({ kind: 'none', problem }),
    bind: async () => ({ kind: 'bound', bound: '' }),
    refusal: async () => '',
    plan: async () => undefined,
  }
}

/** What was sent, read again. */
export interface Read {
  readonly kind: 'read'
  readonly request: ApiRequest
  readonly sent: Sent
  readonly lease: Lease
  /** What admission policies are told with it once there is a yes. */
  readonly granted: string
}
