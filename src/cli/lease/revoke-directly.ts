import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { STORE_SETTINGS } from '../../config/roles.ts'
import { openContract } from '../../identity/token/contract.ts'
import { parseVerifyKeys } from '../../identity/token/keys.ts'
import type { Lease } from '../../lease/lease.ts'
import type { LeaseEvent } from '../../record/journal/journal-entry.ts'
import { toRedisSettings } from '../../redis/redis-settings.ts'
import { CliError } from '../cli-error.ts'
import { settings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'

const CONNECT_MS = 3000

/** For when the broker is down: whoever may write to the store may end a lease in it. The record says who it was on this machine. */
export async function revokeDirectly(terminal: Terminal, id: string, reason: string): Promise<void> {
  const config = settings(terminal, STORE_SETTINGS)
  const [{ connectRedis }, { RedisLeaseStore }] = await Promise.all([
    import('../../redis/connect-redis.ts'),
    import('../../lease/redis-lease-store.ts'),
  ])
  const quiet = { info: () => {}, warn: () => {} }
  const link = connectRedis(toRedisSettings(config), quiet)
  try {
    if (!(await link.whenReady(CONNECT_MS))) throw new CliError('unavailable', 'cannot reach the store')
    const store = new RedisLeaseStore(link, { partitions: config.partitions })
    const now = Date.now()
    const record = await store.find(id, now)
    if (record === null) throw new CliError('refused', `the store knows no lease ${id}`)
    const by = `${whoAmI()} (direct)`
    const event = toEvent(await readLease(record.contract, config.publicKeysFile), { lease: id, by, reason, at: now })
    if (!(await store.revoke({ id, by, reason, now, event: JSON.stringify(event) }))) {
      throw new CliError('refused', `lease ${id} had ended already`)
    }
  } catch (error) {
    throw error instanceof CliError
      ? error
      : new CliError('unavailable', `the store could not do it: ${messageOf(error)}`)
  } finally {
    link.close()
  }
}

/** Ending a lease must work even when its contract cannot be read; the event then only names it. */
async function readLease(contract: string, keysFile: string): Promise<Lease | null> {
  const keys = await parseVerifyKeys(await readFile(keysFile, 'utf8').catch(() => ''))
  return keys.kind === 'ok' ? openContract(contract, keys.value) : null
}

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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error'
}

/** Where a platform gives out user ids at will, they have no names. */
function whoAmI(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
