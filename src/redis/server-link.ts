import { Redis, type RedisOptions } from 'ioredis'
import type { Logger } from '../support/logger.ts'
import type { Ahead } from '../support/time/clock.ts'
import type { NodeSaid } from './cluster/cluster-node.ts'
import { followLogin, loginOptions, type RedisLogin } from './connect/redis-login.ts'
import type { Endpoint, RedisTarget } from './connect/redis-target.ts'
import type { Guide } from './guide/guide.ts'
import { connectorBy } from './guide/guided-connector.ts'
import { DURABLE_MS, Line, type ScriptCall } from './line.ts'
import { RedisError, toRedisError } from './redis-error.ts'
import type { Script } from './scripts.ts'
import type { SentinelSaid } from './sentinel/sentinel.ts'
import type { Sentinels } from './sentinel/sentinels.ts'
import { prefixOf, type Share } from './share.ts'
import { type Fitness, type StoreTerms, StoreWatch } from './store/store-watch.ts'

export interface RedisSettings extends RedisTarget {
  /** What the server is set to: with `everysec` a durable write waits until it is on disk, with `always` every one is. */
  readonly durability: 'always' | 'everysec'
  /** So many replicas must have a durable write on their disks too. */
  readonly replicas?: number
  /** Most a caller waits for an answer. */
  readonly deadlineMs?: number
  /** Nothing is asked of a store that does not meet them; null: of any. */
  readonly terms?: StoreTerms | null
}

export const DEADLINE_MS = 250

/** Where the server is, or who tells, and who we are there. */
export interface Way {
  readonly endpoint: Endpoint
  readonly login: RedisLogin
  /** Null: it is at the endpoint. */
  readonly guide: Guide | null
  readonly sentinels: Sentinels | null
  /** Null: it has the whole store, and is no node of a cluster. */
  readonly share: Share | null
}

/** The connections of one process to the store. Every method rejects with a RedisError. */
export class ServerLink {
  readonly #way: Way
  readonly #logger: Pick<Logger, 'info' | 'warn'>
  readonly #quick: Line
  /** Waits for the disk, so it must not hold up the others. */
  readonly #durable: Line | null
  readonly #watch: StoreWatch | null
  readonly #replicas: number

  constructor(way: Way, settings: RedisSettings, logger: Pick<Logger, 'info' | 'warn'>) {
    this.#way = way
    this.#logger = logger
    const quick = this.#open('calls', PROMPT)
    const guard = way.share?.guard ?? null
    this.#quick = new Line(quick, settings.deadlineMs ?? DEADLINE_MS, guard)
    const manner = { share: way.share, isGuided: way.guide !== null }
    this.#watch = settings.terms == null ? null : new StoreWatch(this.#quick, settings.terms, logger, manner)
    this.#replicas = settings.replicas ?? 0
    const isAtOnce = (settings.durability === 'always' && this.#replicas === 0) || way.share?.isDurable === false
    const durable = isAtOnce ? null : this.#open('durable writes', PROMPT)
    this.#durable = durable && new Line(durable, DURABLE_MS, guard)
  }

  get fitness(): Fitness {
    return this.#watch?.fitness ?? FIT
  }

  /** See StoreLook. */
  witnessed(prefix: string, key: string, askedAt: number): void {
    this.#watch?.witnessed(prefix, key, askedAt)
  }

  /** Null when it can be used, else what is missing, for anybody. Every connection must stand: one that writes durably may come up later. */
  get unready(): string | null {
    if (!this.#isConnected) return 'no connection to the store'
    const { fitness } = this
    if (fitness.kind === 'unknown') return 'the store is being examined'
    return fitness.kind === 'unfit' ? `the store cannot be used: ${fitness.why}` : null
  }

  /** The same for whoever runs it: with addresses. */
  get unreadyInFull(): string | null {
    const { problem, unready } = this
    return problem === null || this.#isConnected ? unready : `${unready}: ${problem}`
  }

  get #isConnected(): boolean {
    return this.#lines().every(({ status }) => status === 'ready')
  }

  get ready(): boolean {
    return this.unready === null
  }

  /** How far this process is ahead of the store's clock; null where nobody looked, or can look: a server that is gone says nothing of now. */
  get ahead(): Ahead | null {
    return this.#isConnected ? (this.#watch?.ahead ?? null) : null
  }

  /** What is known of why there is no connection; null: nothing. */
  get problem(): string | null {
    return this.#way.guide?.problem ?? null
  }

  /** What each sentinel says of the primary; null where there are none. */
  async sentinels(): Promise<readonly SentinelSaid[] | null> {
    return (await this.#way.sentinels?.ask()) ?? null
  }

  /** Resolves once commands can be sent, false when that takes longer. */
  async whenReady(ms: number): Promise<boolean> {
    if (this.ready) return true
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const timer = setTimeout(resolve, ms, false)
    const came = (): void => {
      if (this.ready) resolve(true)
    }
    for (const redis of this.#lines()) redis.on('ready', came)
    const ready = await promise
    clearTimeout(timer)
    for (const redis of this.#lines()) redis.off('ready', came)
    return ready
  }

  run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    return this.#refusal(script.name) ?? this.#quick.run(script, keys, args)
  }

  /** As `run`, and resolves when the write is on disk. */
  async runDurably(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    const refusal = this.#refusal(script.name)
    if (refusal !== null) return refusal
    if (this.#durable === null) return this.run(script, keys, args)
    const reply = await this.#durable.run(script, keys, args)
    await this.#durable.flush(this.#replicas)
    return reply
  }

  /** The script once for each of these, all or none of them, those of the first partition with their entries; resolves when that is on disk. */
  async runTogether(script: Script, calls: readonly ScriptCall[]): Promise<readonly unknown[]> {
    const refusal = this.#refusal(script.name)
    if (refusal !== null) return refusal
    const line = this.#durable ?? this.#quick
    const replies = await line.runTogether(script, recordedOnce(calls))
    await this.#durable?.flush(this.#replicas)
    return replies
  }

  ask<T>(what: string, command: (redis: Redis) => Promise<T>): Promise<T> {
    return this.#refusal(what) ?? this.#quick.ask(what, () => command(this.#quick.redis))
  }

  #refusal(what: string): Promise<never> | null {
    const { fitness } = this
    if (fitness.kind === 'fit') return null
    if (fitness.kind === 'unfit') return Promise.reject(new RedisError('unfit', fitness.why))
    return Promise.reject(new RedisError('unavailable', `${what}: nothing is known of the store yet`))
  }

  /**
   * A connection of its own to the server where this key is; whoever takes it disconnects it. A patient one is for commands that wait there, and
   * asks again by itself after a reconnect; a prompt one fails at once without a connection.
   */
  waiting(what: string, _key: string, how: 'patient' | 'prompt' = 'patient'): Redis {
    return this.#open(what, how === 'patient' ? PATIENT : { ...PROMPT, socketTimeout: PROMPT_MS })
  }

  /** These keys by the connection that has them: one command may name those of one. */
  together(keys: readonly string[]): readonly (readonly string[])[] {
    return [keys]
  }

  /** Each server that leases are on, with its address where it is one of several. */
  servers(): readonly { readonly at: string; readonly link: Pick<ServerLink, 'ask'> }[] {
    return [{ at: '', link: this }]
  }

  /** What each node of a cluster says of all of them; null of what is none. */
  async nodes(): Promise<readonly NodeSaid[] | null> {
    return null
  }

  #open(what: string, options: Manner): Redis {
    const { endpoint, login, guide, share } = this.#way
    const redis = new Redis({ ...common(endpoint, guide), ...loginOptions(login), ...options })
    return watched(followLogin(redis, login), share === null ? what : `${what} of ${share.name}`, this.#logger)
  }

  close(): void {
    this.#watch?.close()
    for (const redis of this.#lines()) redis.disconnect()
    this.#way.sentinels?.close()
  }

  #lines(): readonly Redis[] {
    return this.#durable === null ? [this.#quick.redis] : [this.#quick.redis, this.#durable.redis]
  }
}

function recordedOnce(calls: readonly ScriptCall[]): readonly ScriptCall[] {
  const first = prefixOf(calls[0]?.keys[0])
  return calls.map(call =>
    prefixOf(call.keys[0]) === first ? call : { keys: call.keys, args: call.unrecorded ?? call.args },
  )
}

const FIT: Fitness = { kind: 'fit' }

const DISCONNECT_MS = 10

/** Back within a second of the server: attempts are cheap, and nothing is allowed without it. */
function common(endpoint: Endpoint, guide: Guide | null) {
  const { host, port, ...inside } = endpoint
  const where = guide === null ? endpoint : { ...inside, Connector: connectorBy(guide, endpoint.tls, DISCONNECT_MS) }
  return {
    ...where,
    retryStrategy: (attempt: number) => Math.min(10 * 2 ** Math.min(attempt - 1, 5), 250) + Math.random() * 100,
    // A primary that has become a replica, or that has given the slot away, is left, whoever led there.
    reconnectOnError: (error: Error) => /^(?:READONLY|MOVED) /.test(error.message),
    connectTimeout: 1000,
    disconnectTimeout: DISCONNECT_MS,
    maxLoadingRetryTime: 200,
    disableClientInfo: true,
  } as const
}

/** Fails at once without a connection, and never sends anything twice: the caller decides what a failure means. */
const PROMPT = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  // Handshakes too: a peer that vanished says nothing.
  socketTimeout: 5000,
} as const satisfies RedisOptions

/** Of one that does not wait on its server, and would be waited for. */
const PROMPT_MS = 2000

const PATIENT = {
  enableOfflineQueue: true,
  maxRetriesPerRequest: null,
  autoResendUnfulfilledCommands: true,
  // Longer than any command waits on the server (BLOCK_MS).
  socketTimeout: 3000,
} as const satisfies RedisOptions

/** How a connection behaves. */
type Manner = (Omit<typeof PROMPT, 'socketTimeout'> & { readonly socketTimeout: number }) | typeof PATIENT

/** How long a command of a waiting connection may wait on the server. */
export const BLOCK_MS = 1000

/** Says once that a connection is gone and once that it is back. */
function watched(redis: Redis, what: string, logger: Pick<Logger, 'info' | 'warn'>): Redis {
  let down = false
  redis.on('error', error => {
    if (!down)
      logger.warn({ connection: what, problem: toRedisError('connect', error).message }, 'no connection to Redis')
    down = true
  })
  redis.on('ready', () => {
    if (down) logger.info({ connection: what }, 'connected to Redis again')
    down = false
  })
  return redis
}
