import { describeHold, type Hold } from '../../lease/hold/hold.ts'
import { type HeldAgent, holdAgent, whatIsLeft } from '../../lease/hold/hold-agent.ts'
import { heldEvent, revokedEvent } from '../../record/journal/events.ts'
import { maskText } from '../../record/mask/mask-text.ts'
import { StatusError } from '../http/refusal/status.ts'
import type { BrokerParts } from '../parts.ts'

export type Holding = Pick<Hold, 'agent' | 'by' | 'reason'> & {
  /** Null: until somebody releases it. */
  readonly forMs: number | null
}

export async function holdByBroker({ reason, ...holding }: Holding, parts: BrokerParts): Promise<HeldAgent> {
  const said = { ...holding, reason: maskText(reason, parts.policy().mask) }
  const held = await holdAgent(said, {
    holds: parts.holds,
    leases: parts.leases,
    open: contract => parts.signer.open(contract),
    toHeld: hold => JSON.stringify(heldEvent(hold)),
    toRevoked: (lease, end) => JSON.stringify(revokedEvent(lease, end)),
    clock: parts.clock,
  })
  const { agent, by } = holding
  const { hold, isPlaced, ended, failures } = held
  if (isPlaced) parts.log.info({ agent, by, until: hold.until, ended: ended.length }, 'agent held')
  const [err] = failures
  if (err !== undefined) parts.log.error({ err, agent, by, isPlaced, failures: failures.length }, 'not all was held')
  const left = whatIsLeft(held)
  if (left !== null) throw new StatusError(503, left, 1)
  return held
}

/** For whoever asks for something in the name of an agent that is held. */
export function heldError(hold: Hold): StatusError {
  return new StatusError(
    403,
    `agent "${hold.agent}" is ${describeHold(hold)}; nothing is given to it. Stop, and tell the person you work for; ` +
      `an admin can end it with: leasegate agent release ${hold.agent}`,
  )
}
