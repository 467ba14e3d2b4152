import type { Lease } from '../../lease/lease.ts'
import type { LeaseEvent } from '../../record/journal/journal-entry.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { inStore, plainReason } from './in-store.ts'

export async function revokeDirectly(terminal: Terminal, id: string, said: string): Promise<void> {
  const reason = plainReason(said)
  const { RedisLeaseStore } = await import('../../lease/redis/redis-lease-store.ts')
  await inStore(terminal, async ({ link, partitions, open, by }) => {
    const store = new RedisLeaseStore(link, { partitions })
    const now = Date.now()
    const record = await store.find(id, now)
    if (record === null) throw new CliError('refused', `the store knows no lease ${id}`)
    const event = toEvent(await open(record.contract), { lease: id, by, reason, at: now })
    if (!(await store.revoke({ id, by, reason, now, event: JSON.stringify(event) }))) {
      throw new CliError('refused', `lease ${id} had ended already`)
    }
  })
}

/** Ending a lease must work even when its contract cannot be read; the event then only names it. */
function toEvent(lease: Lease | null, end: Pick<LeaseEvent, 'lease' | 'by' | 'reason' | 'at'>): LeaseEvent {
  return {
    kind: 'lease',
    event: 'revoked',
    ...end,
    agent: lease?.agent ?? '',
    sponsor: lease?.sponsor ?? '',
    task: lease?.task ?? { name: '', reason: '', ticket: '' },
    template: lease?.template ?? '',
    namespaces: lease?.namespaces ?? [],
    expiresAt: lease?.expiresAt ?? 0,
  }
}
