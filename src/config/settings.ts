import {
  anyAddress,
  days,
  duration,
  integer,
  oneOf,
  origin,
  type Parse,
  path,
  pathFromHere,
  secretUrl,
  serverUrl,
  text,
  url,
  word,
} from './parsers.ts'

export interface Setting<T> {
  readonly env: `LEASEGATE_${string}`
  readonly parse: Parse<T>
  /** As text, like the variable itself; null: not set means null; undefined: whoever wants the setting cannot do without it. */
  readonly fallback?: string | null
  readonly secret?: true
  readonly doc: string
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const wait = duration({ minMs: 100, maxMs: 10 * MINUTE })
const long = duration({ minMs: SECOND, maxMs: 24 * HOUR })
const kept = days({ min: 1, max: 3650 })
/** A partition a day, and ClickHouse is slow with many thousands of them. */
const keptByDay = days({ min: 1, max: 1100 })
const entries = integer({ min: 100, max: 1_000_000_000 })
const bytes = integer({ min: 100_000, max: 1_000_000_000_000 })

/** Every setting of every process. */
export const SETTINGS = {
  logLevel: {
    env: 'LEASEGATE_LOG_LEVEL',
    parse: oneOf('debug', 'info', 'warn', 'error'),
    fallback: 'info',
    doc: 'Least severe log lines that are written.',
  },
  policyFile: { env: 'LEASEGATE_POLICY_FILE', parse: path, doc: 'The policy file; read again when it changes.' },
  boundaryNamespace: {
    env: 'LEASEGATE_BOUNDARY_NAMESPACE',
    parse: word,
    fallback: null,
    doc: "Namespace that the boundary runs in, out of agents' reach whatever the policy file says; a file that names another one is refused.",
  },
  redisUrl: {
    env: 'LEASEGATE_REDIS_URL',
    parse: secretUrl('redis:', 'rediss:', 'unix:'),
    secret: true,
    doc: 'Redis or Valkey: redis://, rediss:// or unix:///path/to.sock; may carry user and password.',
  },
  redisUsername: { env: 'LEASEGATE_REDIS_USERNAME', parse: word, fallback: null, doc: 'User of its ACL.' },
  redisPasswordFile: {
    env: 'LEASEGATE_REDIS_PASSWORD_FILE',
    parse: path,
    fallback: null,
    doc: 'Its password, read again for each connection.',
  },
  redisCaFile: { env: 'LEASEGATE_REDIS_CA_FILE', parse: path, fallback: null, doc: 'CA of a rediss:// server.' },
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
  authorizerListen: {
    env: 'LEASEGATE_AUTHORIZER_LISTEN',
    parse: anyAddress,
    doc: 'Where the authorizer listens for Envoy: unix:/path, or an address with a port and LEASEGATE_TLS_ files.',
  },
  healthListen: {
    env: 'LEASEGATE_HEALTH_LISTEN',
    parse: anyAddress,
    fallback: null,
    doc: 'Where /metrics, /readyz and /livez are told over plain HTTP: unix:/path or host:port; without it, nowhere.',
  },
  checkDeadline: {
    env: 'LEASEGATE_CHECK_DEADLINE',
    parse: duration({ minMs: 50, maxMs: 10 * SECOND }),
    fallback: '1s',
    doc: 'Time for one decision; after it the answer is a denial.',
  },
  drainLimit: {
    env: 'LEASEGATE_DRAIN_LIMIT',
    parse: wait,
    fallback: '30s',
    doc: 'How long a stopping process keeps open streams and running requests.',
  },
  unconfirmedLimit: {
    env: 'LEASEGATE_UNCONFIRMED_LIMIT',
    parse: wait,
    fallback: '10s',
    doc: 'Open streams are cut when their lease could not be confirmed for so long.',
  },
  publicKeysFile: {
    env: 'LEASEGATE_PUBLIC_KEYS_FILE',
    parse: path,
    doc: 'Public JWKS that lease tokens and contracts are verified with; read again when it changes.',
  },
  signingKeysFile: {
    env: 'LEASEGATE_SIGNING_KEYS_FILE',
    parse: path,
    doc: 'Private JWKS of the broker; its first key signs. Read again when it changes.',
  },
  brokerListen: {
    env: 'LEASEGATE_BROKER_LISTEN',
    parse: anyAddress,
    doc: 'Where the broker listens for Envoy; as for the authorizer, or loopback without TLS.',
  },
  tlsCertFile: {
    env: 'LEASEGATE_TLS_CERT_FILE',
    parse: path,
    fallback: null,
    doc: 'Certificate of a process that listens on TCP, PEM; read again when it changes, as the next two.',
  },
  tlsKeyFile: { env: 'LEASEGATE_TLS_KEY_FILE', parse: path, fallback: null, doc: 'Its key.' },
  tlsClientCaFile: {
    env: 'LEASEGATE_TLS_CLIENT_CA_FILE',
    parse: path,
    fallback: null,
    doc: "CA of Envoy's client certificate: nobody else may connect.",
  },
  tlsClientName: {
    env: 'LEASEGATE_TLS_CLIENT_NAME',
    parse: word,
    fallback: 'envoy.leasegate.internal',
    doc: 'DNS name in that certificate.',
  },
  leaseTokenTtl: {
    env: 'LEASEGATE_LEASE_TOKEN_TTL',
    parse: duration({ minMs: 10 * SECOND, maxMs: 15 * MINUTE }),
    fallback: '15m',
    doc: 'How long a lease token lives before the identity must be proved again; some clients ask with each request below 10m.',
  },
  planServerUrl: {
    env: 'LEASEGATE_PLAN_SERVER_URL',
    parse: serverUrl,
    fallback: null,
    doc: 'API server that plans of what approvers are asked are made with; without it questions have none.',
  },
  planTokenFile: {
    env: 'LEASEGATE_PLAN_TOKEN_FILE',
    parse: path,
    fallback: null,
    doc: "Token of the planner's own account, which reads and tries and changes nothing; read at each use.",
  },
  planCaFile: {
    env: 'LEASEGATE_PLAN_CA_FILE',
    parse: path,
    fallback: null,
    doc: "CA of that API server's certificate; without it the system's are trusted.",
  },
  approvalAsk: {
    env: 'LEASEGATE_APPROVAL_ASK',
    parse: long,
    fallback: '15m',
    doc: 'How long a question waits for an approver.',
  },
  approvalUse: {
    env: 'LEASEGATE_APPROVAL_USE',
    parse: long,
    fallback: '5m',
    doc: 'How long a yes can be used, once.',
  },
  consoleUrl: {
    env: 'LEASEGATE_CONSOLE_URL',
    parse: origin,
    fallback: null,
    doc: 'Where browsers reach the broker, such as https://leasegate.example.com; the console is at /console there. Without it there is none.',
  },
  consoleIssuer: {
    env: 'LEASEGATE_CONSOLE_ISSUER',
    parse: serverUrl,
    fallback: null,
    doc: 'OpenID Connect issuer that people sign in with: that of an issuer in the policy file, whose audience is the client id.',
  },
  consoleIssuerCaFile: {
    env: 'LEASEGATE_CONSOLE_ISSUER_CA_FILE',
    parse: path,
    fallback: null,
    doc: "CA of its certificate; without it the system's are trusted.",
  },
  consoleClientId: {
    env: 'LEASEGATE_CONSOLE_CLIENT_ID',
    parse: text,
    fallback: 'leasegate',
    doc: 'Client that the console is there; its redirect URI is /console/signed-in under the URL of the console.',
  },
  consoleClientSecretFile: {
    env: 'LEASEGATE_CONSOLE_CLIENT_SECRET_FILE',
    parse: path,
    fallback: null,
    doc: 'Its secret, read when the issuer is first asked. Without it the client is a public one, with PKCE alone.',
  },
  consoleScopes: {
    env: 'LEASEGATE_CONSOLE_SCOPES',
    parse: text,
    fallback: 'openid profile email',
    doc: 'Scopes that are asked for; the claims by which the policy file knows people must come with them.',
  },
  consoleSession: {
    env: 'LEASEGATE_CONSOLE_SESSION',
    parse: long,
    fallback: '8h',
    doc: 'How long somebody stays signed in.',
  },
  consoleIdle: {
    env: 'LEASEGATE_CONSOLE_IDLE',
    parse: long,
    fallback: '1h',
    doc: 'The same without any page asked for.',
  },
  webhookUrl: {
    env: 'LEASEGATE_WEBHOOK_URL',
    parse: serverUrl,
    fallback: null,
    doc: 'Where each new question is posted to, signed (Standard Webhooks); without it nowhere.',
  },
  webhookSecretFile: {
    env: 'LEASEGATE_WEBHOOK_SECRET_FILE',
    parse: path,
    fallback: null,
    doc: 'What it is signed with: whsec_ and the base64 of 24 to 64 bytes; read at each use.',
  },
  webhookCaFile: {
    env: 'LEASEGATE_WEBHOOK_CA_FILE',
    parse: path,
    fallback: null,
    doc: "CA of its receiver; without it the system's are trusted.",
  },
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
  retentionShorten: {
    env: 'LEASEGATE_RETENTION_SHORTEN',
    parse: oneOf('no', 'yes'),
    fallback: 'no',
    doc: 'Whether what is kept for longer than the settings say, or for ever, is kept for as long as they say from now on: ClickHouse deletes.',
  },
  brokerUrl: {
    env: 'LEASEGATE_BROKER_URL',
    parse: serverUrl,
    doc: 'The broker, as agents and people reach it.',
  },
  brokerCaFile: {
    env: 'LEASEGATE_BROKER_CA_FILE',
    parse: pathFromHere,
    fallback: null,
    doc: "CA of the broker's certificate; without it the system's are trusted.",
  },
  identityTokenFile: {
    env: 'LEASEGATE_IDENTITY_TOKEN_FILE',
    parse: pathFromHere,
    doc: 'Your own identity token (a JWT of an issuer in the policy file); read at each use.',
  },
  boundaryUrl: {
    env: 'LEASEGATE_BOUNDARY_URL',
    parse: url('https:'),
    doc: 'The boundary, as kubectl reaches it; goes into kubeconfigs.',
  },
  boundaryCaFile: {
    env: 'LEASEGATE_BOUNDARY_CA_FILE',
    parse: pathFromHere,
    fallback: null,
    doc: "CA of the boundary's certificate; goes into kubeconfigs.",
  },
  clusterName: {
    env: 'LEASEGATE_CLUSTER_NAME',
    parse: text,
    fallback: 'leasegate',
    doc: 'What the cluster is called in kubeconfigs.',
  },
} as const satisfies Record<string, Setting<unknown>>

export type SettingKey = keyof typeof SETTINGS
