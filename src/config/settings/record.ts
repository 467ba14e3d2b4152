import { anyAddress, bucket, days, keyPrefix, oneOf, path, secretUrl, serverUrl, word } from '../parsers.ts'
import type { Setting } from './setting.ts'

const kept = days({ min: 1, max: 3650 })
/** A partition a day, and ClickHouse is slow with many thousands of them. */
const keptByDay = days({ min: 1, max: 1100 })

/** The tap, and where and how long the record is kept. */
export const RECORD_SETTINGS = {
  tapListen: {
    env: 'LEASEGATE_TAP_LISTEN',
    parse: anyAddress,
    doc: "Where the tap listens for Envoy's access log; as for the authorizer.",
  },
  querySocket: {
    env: 'LEASEGATE_QUERY_SOCKET',
    parse: path,
    fallback: null,
    doc: 'Unix socket on which the tap answers read-only queries.',
  },
  envoyAdminSocket: {
    env: 'LEASEGATE_ENVOY_ADMIN_SOCKET',
    parse: path,
    fallback: null,
    doc: "Envoy's admin socket: with it the tap counts requests whose outcome never came.",
  },
  outcomesDirectory: {
    env: 'LEASEGATE_OUTCOMES_DIRECTORY',
    parse: path,
    fallback: null,
    doc: 'Folder of one tap alone, in which outcomes are until the record has them: a tap that is killed finds them there. Without it they are in memory.',
  },
  clickhouseUrl: {
    env: 'LEASEGATE_CLICKHOUSE_URL',
    parse: secretUrl('http:', 'https:'),
    fallback: null,
    secret: true,
    doc: 'ClickHouse server; may carry user and password. Without it the embedded engine is used.',
  },
  clickhouseUserFile: {
    env: 'LEASEGATE_CLICKHOUSE_USER_FILE',
    parse: path,
    fallback: null,
    doc: 'Its user, read at each use.',
  },
  clickhousePasswordFile: {
    env: 'LEASEGATE_CLICKHOUSE_PASSWORD_FILE',
    parse: path,
    fallback: null,
    doc: 'The password, read at each use.',
  },
  clickhouseCaFile: {
    env: 'LEASEGATE_CLICKHOUSE_CA_FILE',
    parse: path,
    fallback: null,
    doc: 'CA of an https:// server.',
  },
  clickhouseDirectory: {
    env: 'LEASEGATE_CLICKHOUSE_DIRECTORY',
    parse: path,
    fallback: null,
    doc: 'Where the embedded engine keeps its data.',
  },
  clickhouseCluster: {
    env: 'LEASEGATE_CLICKHOUSE_CLUSTER',
    parse: word,
    fallback: null,
    doc: 'Name of the ClickHouse cluster over which the record is replicated; without it there is one server.',
  },
  ledgerDirectory: {
    env: 'LEASEGATE_LEDGER_DIRECTORY',
    parse: path,
    fallback: null,
    doc: 'Second place beside the record, where each row is entered and signed for; without it nothing proves that rows were not changed.',
  },
  ledgerKeyFile: {
    env: 'LEASEGATE_LEDGER_KEY_FILE',
    parse: path,
    fallback: null,
    doc: 'Private Ed25519 key in PEM that signs the ledgers; goes with LEASEGATE_LEDGER_DIRECTORY.',
  },
  ledgerS3Url: {
    env: 'LEASEGATE_LEDGER_S3_URL',
    parse: serverUrl,
    fallback: null,
    doc: 'S3 server that each signed checkpoint is put to, under a lock: https://s3.eu-central-1.amazonaws.com. Without it the folder is the only second place.',
  },
  ledgerS3Bucket: {
    env: 'LEASEGATE_LEDGER_S3_BUCKET',
    parse: bucket,
    fallback: null,
    doc: 'Bucket there, with object lock; it stands in the path. Goes with LEASEGATE_LEDGER_S3_URL.',
  },
  ledgerS3Prefix: {
    env: 'LEASEGATE_LEDGER_S3_PREFIX',
    parse: keyPrefix,
    fallback: null,
    doc: 'Before each key, such as production/: one for each installation that shares a bucket.',
  },
  ledgerS3Region: {
    env: 'LEASEGATE_LEDGER_S3_REGION',
    parse: word,
    fallback: 'us-east-1',
    doc: 'Its region.',
  },
  ledgerS3CredentialsFile: {
    env: 'LEASEGATE_LEDGER_S3_CREDENTIALS_FILE',
    parse: path,
    fallback: null,
    doc: 'Credentials file as AWS has it, profile [default], read at each use. The tap needs PutObject and PutObjectRetention, `audit verify` ListBucketVersions and GetObjectVersion.',
  },
  ledgerS3CaFile: {
    env: 'LEASEGATE_LEDGER_S3_CA_FILE',
    parse: path,
    fallback: null,
    doc: 'CA of that server.',
  },
  ledgerS3Lock: {
    env: 'LEASEGATE_LEDGER_S3_LOCK',
    parse: oneOf('compliance', 'governance'),
    fallback: 'compliance',
    doc: 'Kind of lock: nobody can take it away, or whoever has a right of its own.',
  },
  ledgerS3Kept: {
    env: 'LEASEGATE_LEDGER_S3_KEPT',
    parse: kept,
    fallback: '400d',
    doc: 'How long each checkpoint is locked.',
  },
  ledgerWitnessesFile: {
    env: 'LEASEGATE_LEDGER_WITNESSES_FILE',
    parse: path,
    fallback: null,
    doc: 'Witnesses that checkpoints are sent to, and how many of them `audit verify` demands, as c2sp.org/tlog-policy has it.',
  },
  ledgerWitnessesCaFile: {
    env: 'LEASEGATE_LEDGER_WITNESSES_CA_FILE',
    parse: path,
    fallback: null,
    doc: 'CA of those witnesses.',
  },
  retentionRequests: {
    env: 'LEASEGATE_RETENTION_REQUESTS',
    parse: keptByDay,
    fallback: '90d',
    doc: 'How long requests and counted refusals are kept.',
  },
  retentionEvents: {
    env: 'LEASEGATE_RETENTION_EVENTS',
    parse: kept,
    fallback: '400d',
    doc: 'How long events of leases and approvals are kept.',
  },
  retentionMinutes: {
    env: 'LEASEGATE_RETENTION_MINUTES',
    parse: kept,
    fallback: '400d',
    doc: 'How long counts by minute are kept.',
  },
  retentionSessions: {
    env: 'LEASEGATE_RETENTION_SESSIONS',
    parse: keptByDay,
    fallback: '30d',
    doc: 'How long recorded sessions are kept; that there was one is kept with the request.',
  },
  retentionShorten: {
    env: 'LEASEGATE_RETENTION_SHORTEN',
    parse: oneOf('no', 'yes'),
    fallback: 'no',
    doc: 'Whether what is kept for longer than the settings say, or for ever, is kept for as long as they say from now on: ClickHouse deletes.',
  },
} as const satisfies Record<string, Setting<unknown>>
