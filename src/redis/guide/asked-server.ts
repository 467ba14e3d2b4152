import { Redis, type RedisOptions } from 'ioredis'
import { followLogin, loginOptions, type RedisLogin } from '../connect/redis-login.ts'
import type { Endpoint } from '../connect/redis-target.ts'
import type { Address } from './address.ts'

/** Who we are there by the URL, and how it is spoken to. */
export type Who = Pick<Endpoint, 'username' | 'password' | 'tls'>

/** Most that one server is waited for: all are asked at once, and whoever is in time is heard. */
const ANSWER_MS = 250

/** One that is asked where others are, by a connection that comes back by itself. */
export class AskedServer {
  readonly #redis: Redis
  #lastError = 'no answer'

  constructor(at: Address, login: RedisLogin, { username, password, tls }: Who = {}) {
    const inUrl = { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) }
    const closed = tls === undefined ? {} : { tls }
    const redis = new Redis({ ...at, ...MANNER, ...inUrl, ...loginOptions(login), ...closed })
    redis.on('error', error => {
      this.#lastError = codeOf(error)
    })
    redis.on('ready', () => {
      this.#lastError = 'no answer'
    })
    this.#redis = followLogin(redis, login)
  }

  /** What it answers, else why there is no answer, in a word. */
  async ask<T>(question: (redis: Redis) => Promise<T>): Promise<{ readonly answer: T } | { readonly why: string }> {
    try {
      return { answer: await question(this.#redis) }
    } catch (error) {
      return { why: isReply(error) ? codeOf(error) : this.#lastError }
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

export function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError'
}

/** WRONGPASS, ECONNREFUSED and the like; never the message, which may quote what was sent. */
export function codeOf(error: unknown): string {
  if (isReply(error)) return /^-?([A-Z]{2,})/.exec(error.message)?.[1] ?? 'ERR'
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^[A-Z_]+$/.test(code) ? code : 'no answer'
}
