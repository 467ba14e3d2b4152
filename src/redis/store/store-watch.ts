import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { Logger } from '../../support/logger.ts'
import { type Ahead, CLOCK_LIMIT_MS, offBy } from '../../support/time/clock.ts'
import { partitionPrefixes, STORE_PREFIX } from '../keys.ts'
import type { Line } from '../line.ts'
import type { Share } from '../share.ts'
import { StoreLook } from './store-look.ts'

/** What a process wants of the store that it works with. */
export interface StoreTerms {
  /** Parts that leases are spread over: with another number, agents would be looked for where they are not. */
  readonly partitions: number
  /**
   * Whether the store may forget when memory runs short. `asked`: it must say itself that it does not. `promised`: where a managed
   * server says nothing, whoever runs it does. `whatever`: for those who only take things out.
   */
  readonly eviction: 'asked' | 'promised' | 'whatever'
  /** Nothing is asked of it while its clock and ours are further apart than they may be: what ends by the time would not. */
  readonly time?: 'ours' | 'whatever'
}

/** Whether leases can be kept there. */
export type Fitness =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'fit' }
  | { readonly kind: 'unfit'; readonly why: string }

const LOOK_EVERY_MS = 2000
/** So that whoever lost something finds it out before anybody relies on another server. */
const OTHER_SERVER_MS = 700
/** The same where the one before may go on for a while: others are told by their guide, ask again where to go, and look there. */
const OTHER_BY_GUIDE_MS = 1500

export interface WatchManner {
  /** Somebody else tells which server it is. */
  readonly isGuided?: boolean
  /** Null: the server has the whole store. */
  readonly share?: Share | null
}

/** Looks at the store after each connect and while it runs: a revoked lease is live again where its end was evicted. */
export class StoreWatch {
  readonly #redis: Redis
  readonly #terms: StoreTerms
  readonly #log: Pick<Logger, 'info' | 'warn'>
  readonly #isGuided: boolean
  readonly #share: Share | null
  readonly #timer: NodeJS.Timeout
  #fitness: Fitness = { kind: 'unknown' }
  #said: string | null = null
  /** Null where nothing is asked of the store that only takes things out. */
  readonly #look: StoreLook | null
  #server: string | null = null
  #connections = 0

  constructor(line: Line, terms: StoreTerms, log: Pick<Logger, 'info' | 'warn'>, manner: WatchManner = {}) {
    const { redis } = line
    this.#redis = redis
    this.#terms = terms
    this.#log = log
    this.#isGuided = manner.isGuided ?? false
    this.#share = manner.share ?? null
    // Behind the next connection may be another server.
    redis.on('close', () => {
      this.#fitness = { kind: 'unknown' }
      this.#connections++
    })
    const lookedAt = this.#share?.lookedAt ?? partitionPrefixes(terms.partitions)
    this.#look = terms.eviction === 'whatever' || lookedAt.length === 0 ? null : new StoreLook(line, lookedAt)
    redis.on('ready', () => void this.#learn())
    this.#timer = setInterval(() => void this.#learn(), LOOK_EVERY_MS)
    this.#timer.unref()
  }

  get fitness(): Fitness {
    return this.#fitness
  }

  /** How far this process is ahead of the store; null where nobody looked. */
  get ahead(): Ahead | null {
    return this.#look?.ahead ?? null
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** See StoreLook. */
  witnessed(prefix: string, key: string, askedAt: number): void {
    this.#look?.witnessed(prefix, key, askedAt)
  }

  async #learn(): Promise<void> {
    if (this.#redis.status !== 'ready') return
    // What cannot be asked now is asked again soon; a connection that broke has made it unknown.
    const connection = this.#connections
    const why = await this.#examine().catch(() => undefined)
    if (why === undefined || this.#redis.status !== 'ready' || connection !== this.#connections) return
    this.#fitness = why === null ? { kind: 'fit' } : { kind: 'unfit', why }
    if (why === this.#said) return
    if (why !== null) this.#log.warn({ why }, 'nothing is allowed with this store')
    else this.#log.info('the store is one that leases can be kept in')
    this.#said = why
  }

  async #examine(): Promise<string | null> {
    const info = await this.#info()
    const mode = judgeMode(info, this.#share !== null)
    if (mode !== null) return mode
    const forgets = this.#terms.eviction === 'whatever' ? null : judgePolicy(await this.#policy(), this.#terms)
    const isCounted = this.#share === null || this.#share.isCounted
    const unfit = forgets ?? (isCounted ? judgePartitions(await this.#partitions(), this.#terms) : null)
    if (unfit !== null || this.#look === null) return unfit
    if (!(await this.#look.look()))
      this.#log.warn('the store had lost something: every lease of a part of it has ended')
    const off = this.#terms.time === 'ours' ? describeOff(this.ahead) : null
    if (off !== null) return off
    await this.#letOthersLook(info)
    return null
  }

  /** What it says of itself; nothing where it says nothing to this user. Of several sections that are named, servers before Redis 7 tell none. */
  async #info(): Promise<string> {
    return (await this.#redis.info().catch(unlessAway)) ?? ''
  }

  async #letOthersLook(info: string): Promise<void> {
    if (this.#fitness.kind === 'fit') return
    const server = /^run_id:(\S+)/m.exec(info)?.[1] ?? null
    const isOther = this.#server === null ? this.#isGuided && wasPromoted(info) : server !== this.#server
    if (isOther) await pause(this.#isGuided ? OTHER_BY_GUIDE_MS : OTHER_SERVER_MS)
    this.#server = server
  }

  /** Managed servers hide CONFIG, and tell it in INFO. */
  async #policy(): Promise<string | null> {
    const reply: unknown = await this.#redis.config('GET', 'maxmemory-policy').catch(unlessAway)
    if (Array.isArray(reply) && reply.length > 1) return String(reply[1])
    const info = (await this.#redis.info('memory').catch(unlessAway)) ?? ''
    return /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? null
  }

  /** The first process says how many there are; null where this one may not. */
  async #partitions(): Promise<string | null> {
    const key = `${STORE_PREFIX}partitions`
    const known = await this.#redis.get(key)
    if (known !== null || this.#terms.eviction === 'whatever') return known
    await this.#redis.set(key, String(this.#terms.partitions), 'NX')
    return this.#redis.get(key)
  }
}

/** Whoever begins to work with it cannot know how long ago that was; where it does not say, it may have been now. */
function wasPromoted(info: string): boolean {
  return !/^second_repl_offset:-1\r?$/m.test(info)
}

/** The server refused, and so says nothing; a broken connection is another matter. */
function unlessAway(error: unknown): null {
  if (error instanceof Error && error.name === 'ReplyError') return null
  throw error
}

/** Each partition of a cluster is on one of several servers, and a replica takes nothing. */
function judgeMode(info: string, isNode: boolean): string | null {
  const isClustered = /^cluster_enabled:1/m.test(info)
  if (isClustered !== isNode && info !== '') return isClustered ? CLUSTERED : NOT_CLUSTERED
  return /^role:slave/m.test(info) ? 'it is a replica, which takes nothing: the address must lead to the primary' : null
}

/** Null while they are as near as they have to be. */
export function describeOff(ahead: Ahead | null): string | null {
  const off = ahead === null ? null : offBy(ahead)
  if (off === null) return null
  const seconds = Math.round(Math.abs(off) / 1000)
  return `our clock is ${seconds} s ${off > 0 ? 'ahead of' : 'behind'} its own, and ${CLOCK_LIMIT_MS / 1000} s is all that they may differ: let both machines keep time by NTP`
}

const CLUSTERED =
  'it runs in Cluster mode, and LEASEGATE_REDIS_CLUSTER is not yes: each part of the leases would be on one of several servers'
const NOT_CLUSTERED = 'LEASEGATE_REDIS_CLUSTER is yes, and it does not run in Cluster mode'

function judgePolicy(policy: string | null, { eviction }: StoreTerms): string | null {
  if (policy === 'noeviction' || (policy === null && eviction === 'promised')) return null
  return policy === null
    ? 'it does not tell its maxmemory-policy; whoever knows that it never evicts sets LEASEGATE_REDIS_EVICTION=promised'
    : `its maxmemory-policy is ${policy}, so it may forget revocations; it must be noeviction`
}

function judgePartitions(found: string | null, { partitions }: StoreTerms): string | null {
  if (found === null || found === String(partitions)) return null
  return (
    `it was set up with ${found} partitions and LEASEGATE_PARTITIONS is ${partitions}; to change it let all leases end, ` +
    `stop every process, and delete the key ${STORE_PREFIX}partitions`
  )
}
