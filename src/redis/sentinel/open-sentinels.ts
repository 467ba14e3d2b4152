import { readFileSync } from 'node:fs'
import { toLogin } from '../connect/redis-login.ts'
import type { Endpoint, RedisTarget } from '../connect/redis-target.ts'
import { Sentinels } from './sentinels.ts'

/** Null where none are set. Throws when a file cannot be read; the message names it. */
export function openSentinels({ caFile = null, sentinels = null }: RedisTarget, store: Endpoint): Sentinels | null {
  if (sentinels === null || sentinels.addresses === null || store.host === undefined) return null
  const { addresses, tls = null } = sentinels
  const ca = sentinels.caFile ?? caFile
  const isClosed = tls ?? (store.tls !== undefined || sentinels.caFile != null)
  return new Sentinels({
    addresses,
    primary: store.host,
    login: toLogin(sentinels, {}),
    tls: isClosed ? authorities(ca) : undefined,
  })
}

function authorities(caFile: string | null): Endpoint['tls'] {
  if (caFile === null) return {}
  try {
    return { ca: readFileSync(caFile) }
  } catch {
    throw new Error(`${caFile} cannot be read`)
  }
}
