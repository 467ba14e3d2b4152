import { addresses, integer, oneOf, path, secretUrl, word } from '../parsers.ts'
import type { Setting } from './setting.ts'

const entries = integer({ min: 100, max: 1_000_000_000 })
const bytes = integer({ min: 100_000, max: 1_000_000_000_000 })

/** Redis or Valkey, and how much of the journal it may hold. */
export const STORE_SETTINGS = {
  redisUrl: {
    env: 'LEASEGATE_REDIS_URL',
    parse: secretUrl('redis:', 'rediss:', 'unix:'),
    secret: true,
    doc: 'Redis or Valkey: redis://, rediss:// or unix:///path/to.sock; may carry user and password. With sentinels the name of the primary stands in the place of host and port.',
  },
  redisUsername: { env: 'LEASEGATE_REDIS_USERNAME', parse: word, fallback: null, doc: 'User of its ACL.' },
  redisPasswordFile: {
    env: 'LEASEGATE_REDIS_PASSWORD_FILE',
    parse: path,
    fallback: null,
    doc: 'Its password, read again for each connection.',
  },
  redisCaFile: { env: 'LEASEGATE_REDIS_CA_FILE', parse: path, fallback: null, doc: 'CA of a rediss:// server.' },
  redisSentinels: {
    env: 'LEASEGATE_REDIS_SENTINELS',
    parse: addresses(26_379),
    fallback: null,
    doc: 'Sentinels that know where the primary is, such as a.example:26379,b.example:26379,c.example:26379; all of them, for no others are asked.',
  },
  redisSentinelUsername: {
    env: 'LEASEGATE_REDIS_SENTINEL_USERNAME',
    parse: word,
    fallback: null,
    doc: 'User of their ACL.',
  },
  redisSentinelPasswordFile: {
    env: 'LEASEGATE_REDIS_SENTINEL_PASSWORD_FILE',
    parse: path,
    fallback: null,
    doc: 'Its password, read again for each connection.',
  },
  redisSentinelTls: {
    env: 'LEASEGATE_REDIS_SENTINEL_TLS',
    parse: oneOf('yes', 'no'),
    fallback: null,
    doc: 'Whether they speak TLS. Not set: as the store does, by rediss://, or where they have a CA of their own.',
  },
  redisSentinelCaFile: {
    env: 'LEASEGATE_REDIS_SENTINEL_CA_FILE',
    parse: path,
    fallback: null,
    doc: 'CA of sentinels, where it is not that of the store.',
  },
  redisCluster: {
    env: 'LEASEGATE_REDIS_CLUSTER',
    parse: oneOf('yes', 'no'),
    fallback: 'no',
    doc: 'yes: it runs in Cluster mode, LEASEGATE_REDIS_URL leads to one of its nodes, and the partitions are wherever the nodes say.',
  },
  partitions: {
    env: 'LEASEGATE_PARTITIONS',
    parse: integer({ min: 1, max: 256 }),
    fallback: '4',
    doc: 'Parts that leases and journal are spread over; a process that comes with another number than the first is refused.',
  },
  redisEviction: {
    env: 'LEASEGATE_REDIS_EVICTION',
    parse: oneOf('asked', 'promised'),
    fallback: 'asked',
    doc: 'Nothing is allowed on a store that evicts. Where a managed one tells its policy to nobody: promised, if it never does.',
  },
  durability: {
    env: 'LEASEGATE_DURABILITY',
    parse: oneOf('everysec', 'always'),
    fallback: 'everysec',
    doc: 'When a decision counts as kept: written (the store syncs each second), or synced to disk before the answer.',
  },
  redisReplicas: {
    env: 'LEASEGATE_REDIS_REPLICAS',
    parse: integer({ min: 0, max: 5 }),
    fallback: '0',
    doc: 'Replicas that must have the end of a lease, a hold or an answer on their disk as well before it counts: as many as may take over.',
  },
  journalHighMark: {
    env: 'LEASEGATE_JOURNAL_HIGH_MARK',
    parse: entries,
    fallback: '500000',
    doc: 'Journal entries of one partition, not yet in ClickHouse, from which on writes and exec are denied.',
  },
  journalHardLimit: {
    env: 'LEASEGATE_JOURNAL_HARD_LIMIT',
    parse: entries,
    fallback: '550000',
    doc: 'The same, from which on everything is denied.',
  },
  journalHighBytes: {
    env: 'LEASEGATE_JOURNAL_HIGH_BYTES',
    parse: bytes,
    fallback: '500000000',
    doc: 'Bytes of those entries from which on writes and exec are denied.',
  },
  journalHardBytes: {
    env: 'LEASEGATE_JOURNAL_HARD_BYTES',
    parse: bytes,
    fallback: '550000000',
    doc: 'The same, from which on everything is denied.',
  },
} as const satisfies Record<string, Setting<unknown>>
