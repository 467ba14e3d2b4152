import type { Config } from '../config/read-config.ts'
import type { STORE } from '../config/roles.ts'
import type { RedisSettings } from './connect-redis.ts'

/** The store of the settings. */
export function toRedisSettings(config: Config<Exclude<(typeof STORE)[number], 'partitions'>>): RedisSettings {
  return {
    url: config.redisUrl.reveal(),
    username: config.redisUsername,
    passwordFile: config.redisPasswordFile,
    caFile: config.redisCaFile,
    durability: config.durability,
  }
}
