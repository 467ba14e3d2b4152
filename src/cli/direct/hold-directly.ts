import { type HeldAgent, holdAgent, whatIsLeft } from '../../lease/hold/hold-agent.ts'
import { heldEvent, revokedEvent } from '../../record/journal/events.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { inStore, plainReason } from './in-store.ts'

interface Holding {
  readonly agent: string
  readonly reason: string
  /** Null: until somebody releases it. */
  readonly forMs: number | null
}

/**
 * Holds an agent without the broker, and without the policy file: no agent of this name may exist. Leases whose contract these keys do
 * not open are not ended here, so it wants keys that can be read.
 */
export async function holdDirectly(terminal: Terminal, { agent, reason, forMs }: Holding): Promise<HeldAgent> {
  if (!/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(agent)) throw new CliError('usage', `"${agent}" names no agent`)
  const why = plainReason(reason)
  const [{ RedisLeaseStore }, { RedisHoldStore }] = await Promise.all([
    import('../../lease/redis/redis-lease-store.ts'),
    import('../../lease/hold/redis-hold-store.ts'),
  ])
  const held = await inStore(terminal, ({ link, partitions, open, by }) =>
    holdAgent(
      { agent, by, reason: why, forMs },
      {
        holds: new RedisHoldStore(link, { partitions }),
        leases: new RedisLeaseStore(link, { partitions }),
        open,
        toHeld: hold => JSON.stringify(heldEvent(hold)),
        toRevoked: (lease, end) => JSON.stringify(revokedEvent(lease, end)),
        clock: Date.now,
      },
    ),
  )
  const left = whatIsLeft(held)
  if (left === null) return held
  const failures = new Set(held.failures.map(error => (error instanceof Error ? error.message : 'unknown error')))
  throw new CliError('unavailable', [left, ...failures].join('; '))
}
