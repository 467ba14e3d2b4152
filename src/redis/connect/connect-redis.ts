import type { Logger } from '../../support/logger.ts'
import { ClusterLink } from '../cluster/cluster-link.ts'
import { RedisError } from '../redis-error.ts'
import { openSentinels } from '../sentinel/open-sentinels.ts'
import { type RedisSettings, ServerLink, type Way } from '../server-link.ts'
import { toLogin } from './redis-login.ts'
import { type Endpoint, parseRedisTarget } from './redis-target.ts'

/** The connections of one process to the store, wherever it is. Every method rejects with a RedisError. */
export type RedisLink = Pick<ServerLink, Exclude<keyof ServerLink, 'fitness'>>

/** Throws when the URL or the password's file cannot be read; otherwise keeps connecting by itself until it is closed. */
export function connectRedis(settings: RedisSettings, logger: Pick<Logger, 'info' | 'warn'>): RedisLink {
  const parsed = parseRedisTarget(settings)
  if (parsed.kind === 'problem') throw new RedisError('unavailable', parsed.message)
  const way = wayTo(parsed.endpoint, settings)
  const { cluster = null } = settings
  return cluster === null
    ? new ServerLink(way, settings, logger)
    : new ClusterLink(way, { ...settings, ...cluster }, logger)
}

function wayTo(endpoint: Endpoint, settings: RedisSettings): Way {
  try {
    const sentinels = openSentinels(settings, endpoint)
    return { endpoint, login: toLogin(settings, endpoint), guide: sentinels, sentinels, share: null }
  } catch (error) {
    throw new RedisError('unavailable', error instanceof Error ? error.message : String(error))
  }
}
