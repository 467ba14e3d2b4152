import { createHash } from 'node:crypto'
import type { Lease } from '../lease/lease.ts'
import type { Policy } from './policy.ts'
import { findGrant } from './template/may-request.ts'

const known = new WeakMap<Policy, Map<string, string>>()

/**
 * Hash of what the policy says to requests under a lease of this template and agent, hex: an edit elsewhere in the file leaves it as it
 * is, and so does who is told of questions. How long leases live and what they may use up decides who gets one, and counts when a request is let through, so it is not in it; who has to say yes is bound
 * by itself.
 */
export function revisionFor(policy: Policy, { template, agent }: Pick<Lease, 'template' | 'agent'>): string {
  const revisions = known.get(policy) ?? new Map<string, string>()
  known.set(policy, revisions)
  const key = JSON.stringify([template, agent])
  const before = revisions.get(key)
  if (before !== undefined) return before
  const revision = createHash('sha256')
    .update(JSON.stringify(whatDecides(policy, template, agent)))
    .digest('hex')
  revisions.set(key, revision)
  return revision
}

/** Whatever else a template or a policy comes to say is in it until it is left out here. */
function whatDecides(policy: Policy, template: string, agent: string): object {
  const {
    revision: _,
    issuers: __,
    certificateAuthorities: ________,
    agents: ___,
    people: ____,
    groups: _____,
    templates: ______,
    notify: _______,
    ...everywhere
  } = policy
  const found = findGrant(policy, agent, template)
  if (found === null) return everywhere
  const { description, grants, maxTtlMs, maxLeases, budgets, approval, ...decides } = found.template
  const { skip, require } = approval
  return { ...everywhere, ...decides, approval: { skip, require }, grant: found.grant }
}
