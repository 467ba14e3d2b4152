import type { Lease } from '../lease.ts'
import type { LeaseRecord, LeaseStore } from '../lease-store.ts'
import { describeHold, type Hold, type HoldStore } from './hold.ts'

const PAGE = 200

/** How a lease ends. */
export interface End {
  readonly by: string
  readonly reason: string
  readonly at: number
}

export interface HoldingParts {
  readonly holds: Pick<HoldStore, 'place'>
  readonly leases: Pick<LeaseStore, 'list' | 'revoke'>
  /** What a contract says; null where it cannot be read. */
  readonly open: (contract: string) => Promise<Lease | null>
  /** Lines for the journal. */
  readonly toHeld: (hold: Hold) => string
  readonly toRevoked: (lease: Lease, end: End) => string
  readonly clock: () => number
}

export interface HeldAgent {
  readonly hold: Hold
  /** Leases that ended with it; what was narrowed from them has ended too. */
  readonly ended: readonly string[]
  /** Partitions whose server did not answer: what the agent has there has not ended. */
  readonly missing: readonly string[]
}

/**
 * First nothing new is given, then what runs is ended: in the other order a lease asked for in between would stay. Done again it ends
 * what somebody who broke off had left.
 */
export async function holdAgent(
  { agent, by, reason, forMs }: Pick<Hold, 'agent' | 'by' | 'reason'> & { readonly forMs: number | null },
  parts: HoldingParts,
): Promise<HeldAgent> {
  const at = parts.clock()
  const wanted: Hold = { agent, by, reason, at, until: forMs === null ? null : at + forMs }
  const hold = await parts.holds.place({ hold: wanted, event: parts.toHeld(wanted) })
  return { hold, ...(await endLeases(agent, { by, reason: describeHold(hold) }, parts)) }
}

async function endLeases(
  agent: string,
  end: Pick<End, 'by' | 'reason'>,
  parts: HoldingParts,
): Promise<Pick<HeldAgent, 'ended' | 'missing'>> {
  const ended: string[] = []
  // What can be ended is: who waits for all of it ends nothing.
  const missing = new Set<string>()
  let after: string | null = ''
  while (after !== null) {
    const page = await parts.leases.list({ agent, after, limit: PAGE, partial: true }, parts.clock())
    ended.push(...(await endThose(agent, page.items, end, parts)))
    for (const one of page.missing ?? []) missing.add(one)
    after = page.next
  }
  return { ended, missing: [...missing].toSorted() }
}

/** What is left to be done, in a sentence; null: nothing. */
export function whatIsLeft({ hold, ended, missing }: HeldAgent): string | null {
  return missing.length === 0
    ? null
    : `agent "${hold.agent}" is held, and ${ended.length} of its leases ended; what it may have in ${missing.join(', ')} of the store has not, for that does not answer: say it again`
}

/** Its roots, and what others handed to it: all else ends with those. */
async function endThose(
  agent: string,
  records: readonly LeaseRecord[],
  end: Pick<End, 'by' | 'reason'>,
  { leases, open, toRevoked, clock }: HoldingParts,
): Promise<readonly string[]> {
  const read = await Promise.all(records.map(({ contract }) => open(contract)))
  const own = read
    .filter(lease => lease !== null)
    .filter(lease => lease.agent === agent && (lease.ancestors.length === 0 || lease.delegated !== undefined))
  const revoking = own.map(async lease => {
    const now = clock()
    const event = toRevoked(lease, { ...end, at: now })
    return (await leases.revoke({ id: lease.id, ...end, now, event })) ? [lease.id] : []
  })
  return (await Promise.all(revoking)).flat()
}
