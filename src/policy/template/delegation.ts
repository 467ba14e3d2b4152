import type { Lease } from '../../lease/lease.ts'
import type { Grant, Policy, TaskTemplate } from '../policy.ts'
import { findGrant } from './may-request.ts'

interface Granted {
  readonly template: TaskTemplate
  readonly grant: Grant
}

/**
 * By what the agent of a lease has it today: its own grant of the template; of a lease that was handed to it the grant of whoever gave it, as long as
 * that one may. Null where it has none.
 */
export function grantOf(
  policy: Policy,
  { agent, template, delegated }: Pick<Lease, 'agent' | 'template' | 'delegated'>,
): Granted | null {
  if (delegated === undefined) return findGrant(policy, agent, template)
  const found = findGrant(policy, delegated.by, template)
  return found?.grant.delegation?.to.includes(agent) ? found : null
}

/** So many leases may be handed on under the root of these: as many as the strictest grant says by which one of them was. */
export function mostHanded(policy: Policy, line: readonly Lease[]): number {
  const handed = line.filter(({ delegated }) => delegated !== undefined)
  return Math.min(...handed.map(lease => grantOf(policy, lease)?.grant.delegation?.maxLeases ?? 0))
}

/**
 * The first of these leases, root first, below which there are more agents than the grant that it was handed by lets there be; null where that is none.
 * Each of them is granted.
 */
export function handedTooFar(policy: Policy, line: readonly Lease[]): Lease | null {
  const handed = line.filter(({ delegated }) => delegated !== undefined)
  return (
    handed.find((lease, at) => handed.length - at > (grantOf(policy, lease)?.grant.delegation?.levels ?? 0)) ?? null
  )
}
