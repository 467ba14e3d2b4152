import type { ApprovalStore } from '../../approval/approval.ts'
import type { ClusterView } from '../../approval/plan/look/cluster-view.ts'
import type { Recording } from '../../approval/plan/planning.ts'
import type { RedisSentStore } from '../../approval/sent/redis-sent-store.ts'
import type { BoxKey } from '../../identity/box/box.ts'
import type { Logger } from '../../support/logger.ts'
import type { Clock } from '../../support/time/clock.ts'
import type { BrokerParts } from '../parts.ts'

/** What plans are made of. */
export interface PlanningParts extends Pick<BrokerParts, 'leases' | 'signer' | 'policy'> {
  readonly store: Pick<RedisSentStore, 'sent' | 'plan' | 'keepPlan'>
  readonly approvals: Pick<ApprovalStore, 'find'>
  readonly view: ClusterView
  readonly sessions: Recording
  readonly boxKey: () => BoxKey
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn'>
}
