import { requestCommand } from '../policy/template/commands/request-command.ts'
import type { WayIn } from '../policy/template/ways-in.ts'
import { DENIALS, type Retry } from './denials.ts'
import type { Denied } from './denied.ts'

/** metav1.StatusCause. */
export interface Cause {
  readonly reason: string
  readonly message: string
}

/**
 * What a program reads of a denial, where people read its message: docs/refusals.md lists the types. The first cause is the reason
 * itself, with what completes it; each other one has a value of its type and nothing beside it.
 */
export function causesOf(denied: Denied, approvalUrl: string | null = null): readonly Cause[] {
  const { reason, detail, approval, lease, key, ways } = denied
  const [way] = ways
  return [
    { reason, message: detail },
    cause('LeasegateReason', reason),
    cause('LeasegateRetry', retryOf(denied)),
    ...(approval === null ? [] : [cause('LeasegateApproval', approval)]),
    ...(approvalUrl === null ? [] : [cause('LeasegateApprovalURL', approvalUrl)]),
    ...(reason === 'budget-spent' ? [cause('LeasegateBudget', detail)] : []),
    ...(denied.instead === '' ? [] : [cause('LeasegateInstead', denied.instead)]),
    ...ways.map(({ template }) => cause('LeasegateTemplate', template)),
    ...(way?.namespaces ?? []).map(namespace => cause('LeasegateNamespace', namespace)),
    ...(way === undefined ? [] : [cause('LeasegateCommand', commandOf(way))]),
    ...(lease === null ? [] : [cause('LeasegateLease', lease.id)]),
    cause('LeasegateAuditID', key.auditId),
  ]
}

function cause(reason: string, message: string): Cause {
  return { reason, message }
}

/** No lease mends what none of the agent's templates covers. */
function retryOf({ reason, ways, lease }: Denied): Retry {
  const { retry } = DENIALS[reason]
  return retry === 'with-lease' && lease !== null && ways.length === 0 ? 'never' : retry
}

function commandOf(way: WayIn): string {
  return way.kind === 'ask' ? requestCommand(way) : `leasegate kubeconfig --lease ${way.lease}`
}
