import type { Config } from '../../config/read-config.ts'
import type { STORE } from '../../config/roles.ts'
import type { RedisSettings } from '../server-link.ts'
import type { StoreTerms } from '../store/store-watch.ts'

/** The store of the settings; whoever serves others with it says what it must be like. */
export function toRedisSettings(
  config: Config<(typeof STORE)[number]>,
  terms: StoreTerms | null = null,
): RedisSettings {
  return {
    url: config.redisUrl.reveal(),
    username: config.redisUsername,
    passwordFile: config.redisPasswordFile,
    caFile: config.redisCaFile,
    sentinels: {
      addresses: config.redisSentinels,
      username: config.redisSentinelUsername,
      passwordFile: config.redisSentinelPasswordFile,
      tls: config.redisSentinelTls === null ? null : config.redisSentinelTls === 'yes',
      caFile: config.redisSentinelCaFile,
    },
    cluster: config.redisCluster === 'yes' ? { partitions: config.partitions } : null,
    durability: config.durability,
    replicas: config.redisReplicas,
    terms,
  }
}

const PATIENT_MS = 5000
/** Whoever waits for the broker is a command or a page, and gives it seconds; a disk that flushes may take half of one. */
const BROKER_MS = 2000

/** For the broker: no client of the API server waits behind it. */
export function toBrokerRedisSettings(
  config: Parameters<typeof toRedisSettings>[0],
  terms: StoreTerms | null,
): RedisSettings {
  return { ...toRedisSettings(config, terms), deadlineMs: BROKER_MS }
}

/** For a command: a person rather waits than hears that a busy store is not there. */
export function toPatientRedisSettings(config: Parameters<typeof toRedisSettings>[0]): RedisSettings {
  return { ...toRedisSettings(config), deadlineMs: PATIENT_MS }
}
