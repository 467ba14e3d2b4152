import { revokedEvent } from '../../record/journal/events.ts'
import type { BrokerParts } from '../parts.ts'
import type { KnownLease } from './find-lease.ts'

interface EndingParts extends Pick<BrokerParts, 'clock'> {
  readonly leases: Pick<BrokerParts['leases'], 'revoke'>
  readonly log: Pick<BrokerParts['log'], 'info' | 'error'>
}

const REASON = 'whoever asked was gone before the answer'

/**
 * A lease that nobody heard of would be there for all of its time, and count: it ends with the connection on which it was asked for. One that a
 * person said yes to stays: to ask again would be to ask them again, and whoever asks finds it in the list.
 */
export function endUnheard({ lease }: Pick<KnownLease, 'lease'>, asking: AbortSignal, parts: EndingParts): void {
  const { id } = lease
  if (lease.given !== undefined) return
  const end = async (): Promise<void> => {
    const act = { by: 'leasegate', reason: REASON, at: parts.clock() }
    const event = JSON.stringify(revokedEvent(lease, act))
    await parts.leases.revoke({ id, by: act.by, reason: REASON, now: act.at, event })
    parts.log.info({ lease: id }, 'nobody heard of this lease, so it has ended')
  }
  const onGone = () =>
    void end().catch(err => parts.log.error({ err, lease: id }, 'a lease that nobody heard of goes on'))
  if (asking.aborted) onGone()
  else asking.addEventListener('abort', onGone, { once: true })
}
