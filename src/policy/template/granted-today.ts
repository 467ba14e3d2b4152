import type { Lease, Scope } from '../../lease/lease.ts'
import type { Grant, Policy, TaskTemplate } from '../policy.ts'
import { grantOf } from './delegation.ts'
import { issueScope } from './issue-scope.ts'
import { type Parameters, valueIn } from './parameters.ts'

/** The widest that the lease may be by the policy of today. */
export function scopeToday(policy: Policy, lease: Lease): Scope {
  const found = grantOf(policy, lease)
  return found === null ? [] : grantedToday(found, lease)
}

interface Granted {
  readonly template: TaskTemplate
  readonly grant: Grant
}

/** What the template would issue today for the lease's namespaces, as far as the agent is still granted them. */
export function grantedToday({ template, grant }: Granted, lease: Lease): Scope {
  const granted = grant.namespaces.includes('*')
    ? lease.namespaces
    : lease.namespaces.includes('*')
      ? grant.namespaces
      : lease.namespaces.filter(one => grant.namespaces.includes(one))
  return issueScope(template, granted, filledToday(lease, granted))
}

/** A namespace that is not granted any more fills no place either: rules for the cluster name it so. */
function filledToday({ parameters = {} }: Lease, granted: readonly string[]): Parameters {
  return granted.includes(valueIn(parameters, 'namespace')) ? parameters : { ...parameters, namespace: '' }
}
