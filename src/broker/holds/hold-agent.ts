import { describeHold, type Hold } from '../../lease/hold/hold.ts'
import type { HoldEvent } from '../../record/journal/journal-entry.ts'
import { maskText } from '../../record/mask/mask-text.ts'
import { StatusError } from '../http/status.ts'
import { revokedEvent } from '../leases/lease-events.ts'
import type { BrokerParts } from '../parts.ts'

const PAGE = 200

export interface Holding {
  readonly agent: string
  readonly by: string
  readonly reason: string
  /** Null: until somebody releases it. */
  readonly forMs: number | null
}

export interface HeldAgent {
  readonly hold: Hold
  /** Leases that ended with it; what was narrowed from them has ended too. */
  readonly ended: readonly string[]
}

/**
 * First nothing new is given, then what runs is ended: in the other order a lease asked for in between would stay. Done again it ends
 * what a broker that broke off had left.
 */
export async function holdAgent({ agent, by, reason: said, forMs }: Holding, parts: BrokerParts): Promise<HeldAgent> {
  const at = parts.clock()
  const reason = maskText(said, parts.policy().mask)
  const wanted: Hold = { agent, by, reason, at, until: forMs === null ? null : at + forMs }
  const event: HoldEvent = { kind: 'hold', event: 'held', ...wanted }
  const hold = await parts.holds.place({ hold: wanted, event: JSON.stringify(event) })
  const ended = await endLeases(agent, { by, reason: describeHold(hold) }, parts)
  parts.log.info({ agent, by, until: hold.until, ended: ended.length }, 'agent held')
  return { hold, ended }
}

async function endLeases(
  agent: string,
  end: { readonly by: string; readonly reason: string },
  parts: BrokerParts,
): Promise<readonly string[]> {
  const ended: string[] = []
  let after: string | null = ''
  while (after !== null) {
    const page = await parts.leases.list({ agent, after, limit: PAGE }, parts.clock())
    const leases = await Promise.all(page.items.map(({ contract }) => parts.signer.open(contract)))
    const roots = leases.filter(lease => lease !== null).filter(({ ancestors }) => ancestors.length === 0)
    const revoking = roots.map(async lease => {
      const now = parts.clock()
      const event = JSON.stringify(revokedEvent(lease, { ...end, at: now }))
      return (await parts.leases.revoke({ id: lease.id, ...end, now, event })) ? [lease.id] : []
    })
    ended.push(...(await Promise.all(revoking)).flat())
    after = page.next
  }
  return ended
}

/** For whoever asks for something in the name of an agent that is held. */
export function heldError(hold: Hold): StatusError {
  return new StatusError(
    403,
    `agent "${hold.agent}" is ${describeHold(hold)}; nothing is given to it. Stop, and tell the person you work for; ` +
      `an admin can end it with: leasegate agent release ${hold.agent}`,
  )
}
