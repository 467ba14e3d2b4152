import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'

/** Where the store is. */
export interface RedisTarget {
  /** `redis://`, `rediss://` (TLS) or `unix:///path`; user, password and database as usual. */
  readonly url: string
  /** PEM file of the authorities that `rediss://` trusts, null for the system's. */
  readonly caFile?: string | null
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

export function parseRedisTarget({ url, caFile = null }: RedisTarget): ParsedTarget {
  if (!URL.canParse(url)) return { kind: 'problem', message: 'the Redis URL cannot be read' }
  const { protocol, hostname, port, pathname, username, password, searchParams } = new URL(url)
  const login = {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  }
  if (protocol === 'unix:') {
    if (hostname !== '' || pathname.length < 2) return { kind: 'problem', message: 'unix:// wants an absolute path' }
    const db = Number(searchParams.get('db') ?? 0)
    return { kind: 'ok', endpoint: { path: decodeURIComponent(pathname), ...login, db } }
  }
  if (protocol !== 'redis:' && protocol !== 'rediss:') {
    return { kind: 'problem', message: 'the Redis URL must start with redis://, rediss:// or unix:///' }
  }
  const db = Number(pathname.slice(1))
  if (hostname === '' || !Number.isInteger(db)) return { kind: 'problem', message: 'the Redis URL cannot be read' }
  const host = hostname.replace(/^\[|\]$/g, '')
  const tls = protocol === 'rediss:' ? { tls: caFile === null ? {} : { ca: readFileSync(caFile) } } : {}
  return { kind: 'ok', endpoint: { host, port: port === '' ? 6379 : Number(port), ...login, db, ...tls } }
}
