import { Redis, type RedisOptions } from 'ioredis'
import { followLogin, loginOptions, type RedisLogin } from '../redis-login.ts'
import type { Address } from './sentinel-settings.ts'
import { nameOf } from './sentinel-settings.ts'

/** Most that one sentinel is waited for: all are asked at once, and whoever is in time is heard. */
const ANSWER_MS = 250

/** What one sentinel says of the primary. */
export type SentinelSaid = { readonly sentinel: string } & (
  | {
      readonly kind: 'primary'
      readonly at: Address
      /** Counts failovers: of two that differ, the one with the higher number knows more. */
      readonly epoch: number
      /** Sentinels that it knows beside itself. */
      readonly others: number
    }
  | { readonly kind: 'problem'; readonly why: string }
)

/** One sentinel, and a connection to it that comes back by itself. */
export class Sentinel {
  readonly #redis: Redis
  readonly #where: string
  readonly #primary: string
  #lastError = 'no answer'

  constructor(address: Address, primary: string, login: RedisLogin, tls: RedisOptions['tls']) {
    this.#where = nameOf(address)
    this.#primary = primary
    const redis = new Redis({ ...address, ...MANNER, ...loginOptions(login), ...(tls === undefined ? {} : { tls }) })
    redis.on('error', error => {
      this.#lastError = codeOf(error)
    })
    redis.on('ready', () => {
      this.#lastError = 'no answer'
    })
    this.#redis = followLogin(redis, login)
  }

  async ask(): Promise<SentinelSaid> {
    const sentinel = this.#where
    try {
      const [at, master] = await Promise.all([
        this.#redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.#primary),
        // Says nothing but an error where the other one says null.
        this.#redis.call('SENTINEL', 'MASTER', this.#primary).catch(unlessAway),
      ])
      if (at === null) return { sentinel, kind: 'problem', why: `knows no ${this.#primary}` }
      return { sentinel, ...parse(at, master) }
    } catch (error) {
      return { sentinel, kind: 'problem', why: isReply(error) ? codeOf(error) : this.#lastError }
    }
  }

  close(): void {
    this.#redis.disconnect()
  }
}

const MANNER = {
  enableOfflineQueue: true,
  enableReadyCheck: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  commandTimeout: ANSWER_MS,
  connectTimeout: 1000,
  socketTimeout: 2000,
  disconnectTimeout: 10,
  retryStrategy: () => 200 + Math.random() * 100,
  disableClientInfo: true,
} as const satisfies RedisOptions

/** What a sentinel answers is not believed to be an address because it stands where one should. */
function parse(at: unknown, master: unknown) {
  const [host, port] = Array.isArray(at) ? at.map(String) : []
  const fields = Array.isArray(master) ? master.map(String) : []
  const numberOf = (field: string) => (fields.includes(field) ? Number(fields[fields.indexOf(field) + 1]) : Number.NaN)
  const [epoch, others] = [numberOf('config-epoch'), numberOf('num-other-sentinels')]
  const isAddress = host !== undefined && /^[\w.:-]{1,255}$/.test(host) && /^[1-9]\d{0,4}$/.test(port ?? '')
  if (!isAddress || Number(port) > 65_535 || ![epoch, others].every(Number.isSafeInteger)) {
    return { kind: 'problem', why: 'gives no answer of a sentinel' } as const
  }
  return { kind: 'primary', at: { host, port: Number(port) }, epoch, others } as const
}

function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError'
}

function unlessAway(error: unknown): null {
  if (isReply(error) && codeOf(error) === 'ERR') return null
  throw error
}

/** WRONGPASS, ECONNREFUSED and the like; never the message, which may quote what was sent. */
function codeOf(error: unknown): string {
  if (isReply(error)) return /^-?([A-Z]{2,})/.exec(error.message)?.[1] ?? 'ERR'
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^[A-Z_]+$/.test(code) ? code : 'no answer'
}
