import { count, existingSecret, flag, group, oneOf, storeUser, text, texts } from '../value.ts'

/** As the settings of the program take it. */
const DAYS = { pattern: '^[0-9]{1,4}d$' }

export const redis = group(
  'Redis 7.2 or later, or Valkey: leases, approvals, the journal. With appendonly and noeviction: see the README.',
  {
    url: text('redis:// or rediss://, without a password. With sentinel.addresses: redis://mymaster.', '', {
      pattern: '^(rediss?://[^@]*)?$',
    }),
    username: text('User of its ACL, for parts that have none of their own below. Empty: the default one.'),
    existingSecret: existingSecret('Secret with its password.', { passwordKey: 'password' }),
    users: group('A user of its own for each part, with what it needs and nothing else; empty: the one above.', {
      authorizer: storeUser('The authorizers.'),
      broker: storeUser('The broker.'),
      tap: storeUser('The tap.'),
      operator: storeUser('The doctor.'),
    }),
    ca: existingSecret('Secret with the CA of a rediss:// server.', { key: 'ca.crt' }),
    sentinel: group('Sentinels that tell where the primary is; redis.url then has its name, as they know it.', {
      addresses: texts(
        'Host and port (26379 where there is none) of each of them, up to nine; NetworkPolicies let these ports through. Empty: none.',
      ),
      username: text('User of their ACL. Empty: the default one.'),
      existingSecret: existingSecret('Secret with its password.', { passwordKey: 'password' }),
      tls: oneOf('Whether they speak TLS. auto: as the store does, or where they have a CA of their own.', 'auto', [
        'auto',
        'yes',
        'no',
      ]),
      ca: existingSecret('Secret with their CA, where it is not redis.ca.', { key: 'ca.crt' }),
    }),
    cluster: flag(
      'It runs in Cluster mode, and redis.url leads to one of its nodes, or to all of them. NetworkPolicies let networkPolicy.redisPorts through to the others as well.',
      false,
    ),
    partitions: count(
      'Parts that leases and journal are spread over; fixed by the first process that comes to the store.',
      4,
      1,
    ),
    eviction: oneOf(
      'asked: nothing is allowed on a store that may evict. promised: for a managed one that tells nobody, and never does.',
      'asked',
      ['asked', 'promised'],
    ),
    durability: oneOf('everysec, or always: synced to disk before each answer.', 'everysec', ['everysec', 'always']),
    durableReplicas: count(
      'Replicas that must have the end of a lease, a hold or an answer on their disk as well before it counts: as many as may take over. With fewer than these there, none of it counts.',
      0,
      0,
      5,
    ),
    journalHighMark: count('Journal entries of a partition from which on writes and exec are denied.', 500_000, 100),
    journalHardLimit: count('The same, from which on everything is denied.', 550_000, 100),
    journalHighBytes: count(
      'Bytes of those entries from which on writes and exec are denied; embedded.enabled sets both by its memory.',
      500_000_000,
      100_000,
    ),
    journalHardBytes: count('The same, from which on everything is denied.', 550_000_000, 100_000),
  },
)

export const clickhouse = group('ClickHouse: the record.', {
  url: text('http:// or https://, host and port; without user, password and database, which is leasegate.', '', {
    pattern: '^(https?://[^@/]+/?)?$',
  }),
  existingSecret: existingSecret("Secret with the writer's user and password.", {
    userKey: 'user',
    passwordKey: 'password',
  }),
  ca: existingSecret('Secret with the CA of an https:// server.', { key: 'ca.crt' }),
  cluster: text('Cluster of ClickHouse over which the tables are replicated. Empty: one server.'),
  migrate: flag('Migrate the schema before each install and upgrade.', true),
  migrateSecret: existingSecret(
    'Secret with a user of its own for that, who may make and change tables. Empty: the writer.',
    {
      userKey: 'user',
      passwordKey: 'password',
    },
  ),
  retention: group(
    'How long the record is kept. What was lengthened by hand is never shortened unless shorten says so.',
    {
      requests: text('Requests and counted refusals.', '90d', DAYS),
      events: text('Events of leases and approvals.', '400d', DAYS),
      minutes: text('Counts by minute.', '400d', DAYS),
      sessions: text('Recorded sessions; that there was one is kept with the request.', '30d', DAYS),
      shorten: flag('Keep for no longer than this what is kept for longer now: ClickHouse deletes the rest.', false),
    },
  ),
})
