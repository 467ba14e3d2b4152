import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import type { SentinelSettings } from '../sentinel/sentinel-settings.ts'

/** Where the store is. */
export interface RedisTarget {
  /**
   * `redis://`, `rediss://` (TLS) or `unix:///path`; user, password and database (`/1`, for sockets `?db=1`) as usual. With sentinels the
   * name of the primary, as they know it, stands where the host does, without a port.
   */
  readonly url: string
  /** User of an ACL, where the URL names none. */
  readonly username?: string | null
  /** File with the password, where the URL has none; read again for each connection. */
  readonly passwordFile?: string | null
  /** PEM file of the authorities that `rediss://` trusts, null for the system's. */
  readonly caFile?: string | null
  readonly sentinels?: SentinelSettings | null
  /** The URL leads to a node of a cluster, over which so many partitions are spread; null: to one server. */
  readonly cluster?: { readonly partitions: number } | null
}

export interface Endpoint {
  readonly path?: string
  readonly host?: string
  readonly port?: number
  readonly username?: string
  readonly password?: string
  readonly db: number
  readonly tls?: ConnectionOptions
}

export type ParsedTarget =
  | { readonly kind: 'ok'; readonly endpoint: Endpoint }
  /** Never quotes the URL, which may hold a password. */
  | { readonly kind: 'problem'; readonly message: string }

export function parseRedisTarget({ url, caFile = null, sentinels = null, cluster = null }: RedisTarget): ParsedTarget {
  const contradiction = sentinels === null ? null : contradictionIn(url, caFile, sentinels)
  if (contradiction !== null) return problem(contradiction)
  if (cluster !== null && sentinels !== null && sentinels.addresses !== null)
    return problem(
      'LEASEGATE_REDIS_CLUSTER is yes, and LEASEGATE_REDIS_SENTINELS is set: a cluster fails over by itself',
    )
  try {
    const parsed = url.startsWith('unix://') ? toSocket(url) : toEndpoint(new URL(url), caFile)
    const isOfOne = parsed.kind === 'ok' && (parsed.endpoint.host === undefined || parsed.endpoint.db !== 0)
    return cluster !== null && isOfOne ? problem(OF_ONE) : parsed
  } catch {
    return problem(caFile === null ? 'the Redis URL cannot be read' : 'the Redis URL or its authorities cannot be read')
  }
}

const OF_ONE =
  'with LEASEGATE_REDIS_CLUSTER, LEASEGATE_REDIS_URL has host and port of a node, and no database: redis://node.example:6379'

/** The variables are named: there are several, and each alone is right. */
function contradictionIn(
  url: string,
  storeCaFile: string | null,
  { addresses, tls, ...more }: SentinelSettings,
): string | null {
  const { username = null, passwordFile = null, caFile = null } = more
  if (addresses === null) {
    const isAlone = [username, passwordFile, caFile, tls ?? null].every(one => one === null)
    return isAlone ? null : 'LEASEGATE_REDIS_SENTINEL_… is set, and LEASEGATE_REDIS_SENTINELS names no sentinel'
  }
  if (caFile !== null && tls === false)
    return 'LEASEGATE_REDIS_SENTINEL_CA_FILE is set, and LEASEGATE_REDIS_SENTINEL_TLS is no'
  // Whoever is on the way to them names a server of his own, to which any of a hundred authorities gives a certificate.
  if (url.startsWith('rediss:') && tls === false && storeCaFile === null)
    return 'LEASEGATE_REDIS_SENTINEL_TLS is no, and there is no LEASEGATE_REDIS_CA_FILE: whoever answers for a sentinel would say which name the certificate of the store has to have'
  const parsed = URL.parse(url)
  const isName = url.startsWith('redis') && parsed?.port === '' && NAME.test(parsed.hostname)
  return isName
    ? null
    : 'with LEASEGATE_REDIS_SENTINELS, LEASEGATE_REDIS_URL has the name of the primary in the place of host and port: redis://mymaster'
}

const NAME = /^[\w.-]{1,100}$/

function toEndpoint(url: URL, caFile: string | null): ParsedTarget {
  switch (url.protocol) {
    case 'redis:':
      return toHost(url, {})
    case 'rediss:':
      return toHost(url, { tls: caFile === null ? {} : { ca: readFileSync(caFile) } })
    default:
      return problem('the Redis URL must start with redis://, rediss:// or unix:///')
  }
}

/** Not for `URL`, which knows no login without a host. */
const SOCKET = /^unix:\/\/(?:(?<username>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<path>\/[^?]+)(?:\?db=(?<db>\d+))?$/

function toSocket(text: string): ParsedTarget {
  const parts = SOCKET.exec(text)?.groups
  if (parts === undefined) return problem('a Redis socket is written unix:///path or unix:///path?db=1')
  const { username = '', password = '', path = '', db = '0' } = parts
  return { kind: 'ok', endpoint: { path: decodeURIComponent(path), ...login({ username, password }), db: Number(db) } }
}

function toHost(url: URL, tls: Pick<Endpoint, 'tls'>): ParsedTarget {
  const db = Number(url.pathname.slice(1))
  if (url.hostname === '') return problem('the Redis URL names no host')
  if (!Number.isInteger(db)) return problem('the database in the Redis URL must be a number')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return { kind: 'ok', endpoint: { host, port: Number(url.port || 6379), ...login(url), db, ...tls } }
}

function login({
  username,
  password,
}: {
  username: string
  password: string
}): Pick<Endpoint, 'username' | 'password'> {
  return {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  }
}

function problem(message: string): ParsedTarget {
  return { kind: 'problem', message }
}
