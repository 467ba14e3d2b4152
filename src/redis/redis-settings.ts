import type { Config } from '../config/read-config.ts'
import type { STORE } from '../config/roles.ts'
import type { RedisSettings } from './connect-redis.ts'
import type { StoreTerms } from './store-watch.ts'

/** The store of the settings; whoever serves others with it says what it must be like. */
export function toRedisSettings(
  config: Config<Exclude<(typeof STORE)[number], 'partitions'>>,
  terms: StoreTerms | null = null,
): RedisSettings {
  return {
    url: config.redisUrl.reveal(),
    username: config.redisUsername,
    passwordFile: config.redisPasswordFile,
    caFile: config.redisCaFile,
    durability: config.durability,
    replicas: config.redisReplicas,
    terms,
  }
}

const PATIENT_MS = 5000

/** For a command: a person rather waits than hears that a busy store is not there. */
export function toPatientRedisSettings(config: Parameters<typeof toRedisSettings>[0]): RedisSettings {
  return { ...toRedisSettings(config), deadlineMs: PATIENT_MS }
}
