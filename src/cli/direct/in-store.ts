import { readFile } from 'node:fs/promises'
import { STORE_SETTINGS } from '../../config/roles.ts'
import { parseVerifyKeys } from '../../identity/keys/keys.ts'
import { openContract } from '../../identity/signed/contract.ts'
import type { Lease } from '../../lease/lease.ts'
import { maskText } from '../../record/mask/mask-text.ts'
import type { RedisLink } from '../../redis/connect/connect-redis.ts'
import { toPatientRedisSettings } from '../../redis/connect/redis-settings.ts'
import { ONE_LINE } from '../../support/text/one-line.ts'
import { cannotReach } from '../command/cannot-reach.ts'
import { CliError } from '../command/cli-error.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { whoAmI } from '../command/who-am-i.ts'

const CONNECT_MS = 3000

/** The store itself, and what is needed beside it to write there what the broker would. */
export interface InStore {
  readonly link: RedisLink
  readonly partitions: number
  /** Null where a contract cannot be read, by these keys or at all. */
  readonly open: (contract: string) => Promise<Lease | null>
  /** Who it was on this machine: nobody proves it, so the record says that it went past the broker. */
  readonly by: string
}

/** For when the broker is down: whoever may write to the store may take away in it. */
export async function inStore<T>(terminal: Terminal, work: (store: InStore) => Promise<T>): Promise<T> {
  const config = settings(terminal, STORE_SETTINGS)
  const { connectRedis } = await import('../../redis/connect/connect-redis.ts')
  const link = connectRedis(toPatientRedisSettings(config), { info: () => {}, warn: () => {} })
  try {
    if (!(await link.whenReady(CONNECT_MS))) throw new CliError('unavailable', cannotReach(link.problem))
    const keys = await parseVerifyKeys(await readFile(config.publicKeysFile, 'utf8').catch(() => ''))
    const open = async (contract: string) => (keys.kind === 'ok' ? openContract(contract, keys.value) : null)
    return await work({ link, partitions: config.partitions, open, by: `${whoAmI()} (direct)` })
  } catch (error) {
    throw error instanceof CliError
      ? error
      : new CliError('unavailable', `the store could not do it: ${messageOf(error)}`)
  } finally {
    link.close()
  }
}

const LONGEST_REASON = 500

/** As the broker takes it. */
export function plainReason(text: string): string {
  const reason = text.trim()
  if (reason.length > LONGEST_REASON || !ONE_LINE.test(reason)) {
    throw new CliError('usage', `--reason must be one line of plain text, of ${LONGEST_REASON} characters at most`)
  }
  return maskText(reason)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error'
}
