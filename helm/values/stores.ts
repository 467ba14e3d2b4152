import { count, existingSecret, flag, group, oneOf, storeUser, text } from './value.ts'

export const redis = group('Redis or Valkey: leases, approvals, the journal. Appendonly and noeviction are wanted.', {
  url: text('redis:// or rediss://, without a password.', '', { pattern: '^(rediss?://[^@]*)?$' }),
  username: text('User of its ACL, for parts that have none of their own below. Empty: the default one.'),
  existingSecret: existingSecret('Secret with its password.', { passwordKey: 'password' }),
  users: group('A user of its own for each part, with what it needs and nothing else; empty: the one above.', {
    authorizer: storeUser('The authorizers.'),
    broker: storeUser('The broker.'),
    tap: storeUser('The tap.'),
    operator: storeUser('The doctor.'),
  }),
  ca: existingSecret('Secret with the CA of a rediss:// server.', { key: 'ca.crt' }),
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
  journalHighMark: count('Journal entries of a partition from which on writes and exec are denied.', 500_000, 100),
  journalHardLimit: count('The same, from which on everything is denied.', 550_000, 100),
  journalHighBytes: count(
    'Bytes of those entries from which on writes and exec are denied; embedded.enabled sets both by its memory.',
    500_000_000,
    100_000,
  ),
  journalHardBytes: count('The same, from which on everything is denied.', 550_000_000, 100_000),
})

export const clickhouse = group('ClickHouse: the record.', {
  url: text('http:// or https://, host and port; without user, password and database, which is leasegate.', '', {
    pattern: '^(https?://[^@/]+/?)?$',
  }),
  existingSecret: existingSecret("Secret with the writer's user and password.", {
    userKey: 'user',
    passwordKey: 'password',
  }),
  ca: existingSecret('Secret with the CA of an https:// server.', { key: 'ca.crt' }),
  migrate: flag('Migrate the schema before each install and upgrade.', true),
})
