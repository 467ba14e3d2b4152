import { createHash } from 'node:crypto'
import type { Lease } from '../../lease/lease.ts'
import type { Policy } from '../policy.ts'
import { grantOf } from '../template/delegation.ts'

const known = new WeakMap<Policy, Map<string, string>>()

/**
 * Hash of what the policy says to requests under a lease of this template and agent, hex: an edit elsewhere in the file leaves it as it
 * is, and so does who is told of questions. How long leases live and what they may use up decides who gets one, and counts when a request is let through, so it is not in it; who has to say yes is bound
 * by itself.
 */
export function revisionFor(policy: Policy, lease: Pick<Lease, 'template' | 'agent' | 'delegated'>): string {
  const { template, agent, delegated } = lease
  const revisions = known.get(policy) ?? new Map<string, string>()
  known.set(policy, revisions)
  const key = JSON.stringify([template, agent, delegated?.by ?? ''])
  const before = revisions.get(key)
  if (before !== undefined) return before
  const revision = createHash('sha256')
    .update(JSON.stringify(whatDecides(policy, lease)))
    .digest('hex')
  revisions.set(key, revision)
  return revision
}

/** Whatever else a template or a policy comes to say is in it until it is left out here. */
function whatDecides(policy: Policy, lease: Pick<Lease, 'template' | 'agent' | 'delegated'>): object {
  const {
    revision: _,
    issuers: __,
    certificateAuthorities: ________,
    agents: ___,
    people: ____,
    groups: _____,
    templates: ______,
    notify: _______,
    tickets: __________,
    ...everywhere
  } = policy
  const found = grantOf(policy, lease)
  if (found === null) return everywhere
  const { description, grants, maxTtlMs, maxLeases, budgets, approval, issue, ticketOpen, ...decides } = found.template
  const { skip, require } = approval
  const { delegation: _________, ...grant } = found.grant
  return { ...everywhere, ...decides, approval: { skip, require }, grant }
}
