import { APPROVE, GET_APPROVAL, LIST_APPROVALS, REJECT, WITHDRAW } from '../approvals/approval-operations.ts'
import { PLAN_REQUESTS } from '../batches/batch-operations.ts'
import { LIST_HOLDS, PLACE_HOLD, RELEASE_AGENT } from '../holds/hold-operations.ts'
import type { Operation } from '../http/operation.ts'
import {
  END_LEASE,
  GET_LEASE,
  ISSUE_LEASE,
  ISSUE_TOKEN,
  LIST_LEASES,
  NARROW_LEASE,
  WHAT_HAPPENED_UNDER_LEASE,
  WHAT_LEASE_DID,
} from '../leases/lease-operations.ts'
import { EXPLAIN_REQUEST } from '../requests/request-operation.ts'
import { END_SESSION, LEAVE_WATCH, WATCH_LEASE } from '../sessions/session-operations.ts'
import { ACT_ON_LEASES, LIST_STOPS } from '../stops/stop-operations.ts'
import { WHOAMI } from '../whoami-operation.ts'

/** All that the API does, in the order in which it is described. */
export const OPERATIONS: readonly Operation[] = [
  WHOAMI,
  ISSUE_LEASE,
  LIST_LEASES,
  GET_LEASE,
  WHAT_LEASE_DID,
  WHAT_HAPPENED_UNDER_LEASE,
  ISSUE_TOKEN,
  PLAN_REQUESTS,
  NARROW_LEASE,
  END_LEASE,
  WATCH_LEASE,
  LEAVE_WATCH,
  END_SESSION,
  EXPLAIN_REQUEST,
  LIST_APPROVALS,
  GET_APPROVAL,
  APPROVE,
  REJECT,
  WITHDRAW,
  LIST_HOLDS,
  PLACE_HOLD,
  RELEASE_AGENT,
  LIST_STOPS,
  ACT_ON_LEASES,
]
