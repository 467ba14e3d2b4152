import type { Checked, Finding, Report } from '../../findings/report.ts'
import type { Lease } from '../../lease/lease.ts'
import { deniedPath } from './denied/denied-path.ts'
import type { VerifyParts } from './parts.ts'
import { noRestingAccess } from './resting/no-resting-access.ts'
import { allowedPath } from './task/allowed-path.ts'

/**
 * The three checks that decide whether the boundary is real: what a lease allows passes and is on record, what it does not is refused
 * and on record, and without one nothing opens the cluster. Changes nothing but its own lease, which it ends.
 */
export async function verify(parts: VerifyParts): Promise<Report> {
  const { checks, oldToken } = await underLease(parts)
  return {
    title: `leasegate verify: agent ${parts.agent.name}, template ${parts.wish.template}, namespace ${parts.wish.namespace}`,
    checks: [...checks, ...(await noRestingAccess(parts, oldToken))],
  }
}

interface UnderLease {
  readonly checks: readonly Checked[]
  /** Null: there was no lease. */
  readonly oldToken: string | null
}

async function underLease(parts: VerifyParts): Promise<UnderLease> {
  let lease: Lease
  try {
    lease = await parts.agent.requestLease(parts.wish)
  } catch (error) {
    return { checks: [noLease(parts, error)], oldToken: null }
  }
  let oldToken: string
  const checks: Checked[] = []
  try {
    oldToken = await parts.agent.token(lease.id)
    checks.push(await allowedPath(parts, lease))
    checks.push(await deniedPath(parts, lease))
  } finally {
    await parts.agent.endLease(lease.id)
  }
  checks.push(await leaseEnds(parts, lease))
  return { checks, oldToken }
}

/** The broker gives no more tokens for what has ended. */
async function leaseEnds({ agent }: VerifyParts, lease: Lease): Promise<Checked> {
  const renewed = await agent.token(lease.id).then(
    () => true,
    () => false,
  )
  const finding: Finding = {
    severity: 'critical',
    what: `the broker gave a token for lease ${lease.id} after its end`,
    why: 'A lease that was ended goes on.',
    mend: 'Look into the broker and its store: leasegate doctor',
  }
  return {
    name: 'lease-ends',
    title: 'a lease that was ended gives no token any more',
    tried: [`lease ${lease.id} ended, and then a token for it asked of the broker`],
    seen: [renewed ? 'it gave one' : 'it was refused'],
    findings: renewed ? [finding] : [],
  }
}

function noLease({ wish }: VerifyParts, error: unknown): Checked {
  const why = error instanceof Error ? error.message : 'failed'
  return {
    name: 'allowed-path',
    title: 'an allowed task passes, and every request of it is on record',
    tried: [`a lease of ${wish.template} in ${wish.namespace}`],
    seen: [],
    findings: [
      {
        severity: 'error',
        what: `there is no lease to try anything with: ${why}`,
        why: 'Neither the allowed nor the denied path could be looked at.',
        mend: 'See what the agent may ask for: leasegate whoami',
      },
    ],
  }
}
