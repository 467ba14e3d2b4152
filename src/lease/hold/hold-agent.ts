import type { Lease } from '../lease.ts'
import { partitionOf } from '../lease-id.ts'
import type { LeaseRecord, LeaseStore } from '../lease-store.ts'
import { describeHold, type Hold, type HoldStore } from './hold.ts'

const PAGE = 200

/** Of no caller: the store's own clock alone says what is live, so that one that is ahead leaves nothing out. */
const BY_THE_STORE = 0

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
  /** False where nobody knows whether it stands, for its server did not say so. */
  readonly isPlaced: boolean
  /** Leases that ended with it; what was narrowed from them has ended too. */
  readonly ended: readonly string[]
  /** Partitions whose server did not answer, or could not do it: what the agent has there has not ended. */
  readonly missing: readonly string[]
  /** What went wrong there, for whoever runs it. */
  readonly failures: readonly unknown[]
}

/**
 * First nothing new is given, then what runs is ended: in the other order a lease asked for in between would stay. Done again it ends
 * what somebody who broke off had left. Where the hold cannot be written, as where its part is away, what is in others ends all the same.
 */
export async function holdAgent(
  { agent, by, reason, forMs }: Pick<Hold, 'agent' | 'by' | 'reason'> & { readonly forMs: number | null },
  parts: HoldingParts,
): Promise<HeldAgent> {
  const at = parts.clock()
  const wanted: Hold = { agent, by, reason, at, until: forMs === null ? null : at + forMs }
  let hold: Hold
  try {
    hold = await parts.holds.place({ hold: wanted, event: parts.toHeld(wanted) })
  } catch (error) {
    const done = await endLeases(agent, { by, reason }, parts).catch(() => Promise.reject(error))
    return { hold: wanted, isPlaced: false, ...done, failures: [error, ...done.failures] }
  }
  return { hold, isPlaced: true, ...(await endLeases(agent, { by, reason: describeHold(hold) }, parts)) }
}

type Ended = Pick<HeldAgent, 'ended' | 'missing' | 'failures'>

async function endLeases(agent: string, end: Pick<End, 'by' | 'reason'>, parts: HoldingParts): Promise<Ended> {
  const ended: string[] = []
  const failures: unknown[] = []
  // What can be ended is: who waits for all of it ends nothing.
  const missing = new Set<string>()
  let after: string | null = ''
  while (after !== null) {
    const page = await parts.leases.list({ agent, after, limit: PAGE, partial: true }, BY_THE_STORE)
    const done = await endThose(agent, page.items, end, parts)
    ended.push(...done.ended)
    failures.push(...done.failures)
    for (const one of [...(page.missing ?? []), ...done.missing]) missing.add(one)
    after = page.next
  }
  return { ended, missing: [...missing].toSorted(), failures }
}

/** What is left to be done, in a sentence; null: nothing. */
export function whatIsLeft({ hold, isPlaced, ended, missing }: HeldAgent): string | null {
  if (isPlaced && missing.length === 0) return null
  const held = isPlaced
    ? `agent "${hold.agent}" is held`
    : `agent "${hold.agent}" is not known to be held, for the part of the store that says so does not answer as it should`
  const rest =
    missing.length === 0
      ? ''
      : `; what it may have in ${missing.join(', ')} of the store has not, for that does not answer as it should`
  return `${held}, and ${ended.length} of its leases ended${rest}: say it again`
}

/** Its roots, and what others handed to it: all else ends with those. */
async function endThose(
  agent: string,
  records: readonly LeaseRecord[],
  end: Pick<End, 'by' | 'reason'>,
  { leases, open, toRevoked, clock }: HoldingParts,
): Promise<Ended> {
  const read = await Promise.all(records.map(async ({ id, contract }) => ({ id, lease: await open(contract) })))
  // A newer version made it, or nobody did: whose it is cannot be told, and so not ended here.
  const unread = read.filter(({ lease }) => lease === null).map(({ id }) => id)
  const own = read
    .flatMap(({ lease }) => lease ?? [])
    .filter(lease => lease.agent === agent && (lease.ancestors.length === 0 || lease.delegated !== undefined))
  const revoking = own.map(async lease => {
    const now = clock()
    const event = toRevoked(lease, { ...end, at: now })
    return leases.revoke({ id: lease.id, ...end, now, event })
  })
  const settled = await Promise.allSettled(revoking)
  const those = own.map(({ id }, at) => ({ id, was: settled[at] }))
  return {
    ended: those.flatMap(({ id, was }) => (was?.status === 'fulfilled' && was.value ? [id] : [])),
    missing: [...unread, ...those.flatMap(({ id, was }) => (was?.status === 'rejected' ? [id] : []))].map(partitionOf),
    failures: [
      ...unread.map(id => new Error(`the contract of ${id} cannot be read here`)),
      ...settled.flatMap(one => (one.status === 'rejected' ? [one.reason] : [])),
    ],
  }
}
