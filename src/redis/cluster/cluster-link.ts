import type { Redis } from 'ioredis'
import type { Logger } from '../../support/logger.ts'
import { type Ahead, offBy } from '../../support/time/clock.ts'
import type { RedisLogin } from '../connect/redis-login.ts'
import type { Endpoint } from '../connect/redis-target.ts'
import { nameOf } from '../guide/address.ts'
import type { ScriptCall } from '../line.ts'
import { RedisError } from '../redis-error.ts'
import type { Script } from '../scripts.ts'
import { type RedisSettings, ServerLink } from '../server-link.ts'
import { prefixOf, type Share, sharesOf } from '../share.ts'
import type { NodeSaid } from './cluster-node.ts'
import { ClusterNodes, type SlotGuide } from './cluster-nodes.ts'
import { slotOf } from './slot.ts'

/** The connections to one share. */
interface Part {
  readonly share: Share
  readonly guide: SlotGuide
  readonly link: ServerLink
}

/**
 * The connections of one process to a store whose partitions are spread over the nodes of a cluster. What one node does not answer fails by
 * itself: the leases of other partitions are served on. Every method rejects with a RedisError.
 */
export class ClusterLink {
  readonly #nodes: ClusterNodes
  readonly #parts: ReadonlyMap<string, Part>
  readonly #counted: ServerLink
  /** Whether all of it could be used once. */
  #wasWhole = false
  /** Whether the number of partitions was found right. */
  #isAdmitted = false

  constructor(
    { endpoint, login }: { readonly endpoint: Endpoint; readonly login: RedisLogin },
    { partitions, ...settings }: RedisSettings & { readonly partitions: number },
    logger: Pick<Logger, 'info' | 'warn'>,
  ) {
    const { host = '', port = 6379, ...who } = endpoint
    this.#nodes = new ClusterNodes({ host, port }, login, who)
    const parts = sharesOf(partitions).map((share): Part => {
      const guide = this.#nodes.guide(slotOf(share.prefix), share.name)
      return {
        share,
        guide,
        link: new ServerLink({ endpoint, login, guide, sentinels: null, share }, settings, logger),
      }
    })
    this.#parts = new Map(parts.map(part => [part.share.prefix, part]))
    const counted = parts.find(({ share }) => share.isCounted)?.link
    if (counted === undefined) throw new Error('no share has the number of partitions')
    this.#counted = counted
  }

  /** See StoreLook. */
  witnessed(prefix: string, key: string, askedAt: number): void {
    this.#parts.get(prefix)?.link.witnessed(prefix, key, askedAt)
  }

  /** Null once all of it could be used, and then for as long as some of it can: whoever answers for one partition answers. */
  get unready(): string | null {
    const { fitness } = this.#counted
    if (fitness.kind === 'unfit') return this.#counted.unready ?? fitness.why
    const first = this.#missing()[0]
    this.#wasWhole ||= first === undefined
    this.#isAdmitted ||= this.#wasWhole
    return first === undefined || (this.#wasWhole && this.#some()) ? null : (first.link.unready ?? null)
  }

  get unreadyInFull(): string | null {
    const { unready } = this
    const parts = this.#missing().map(({ link, guide }) => link.unreadyInFull ?? guide.role)
    return unready === null ? null : [...new Set(parts)].join('; ')
  }

  get ready(): boolean {
    return this.unready === null
  }

  /** Of the server from whose clock this one is furthest. */
  get ahead(): Ahead | null {
    const told = [...this.#parts.values()].flatMap(({ link }) => link.ahead ?? [])
    return told.toSorted((one, other) => Math.abs(offBy(other) ?? 0) - Math.abs(offBy(one) ?? 0))[0] ?? null
  }

  get problem(): string | null {
    return this.#missing().find(({ link }) => link.problem !== null)?.link.problem ?? null
  }

  /** False where nothing of it can be used in that time. */
  async whenReady(ms: number): Promise<boolean> {
    await Promise.all([...this.#parts.values()].map(({ link }) => link.whenReady(ms)))
    return this.#some()
  }

  async sentinels(): Promise<null> {
    return null
  }

  servers(): readonly { readonly at: string; readonly link: ServerLink }[] {
    const byNode = new Map<string, ServerLink>()
    for (const { share, guide, link } of this.#parts.values()) {
      if (share.lookedAt.length > 0 && guide.at !== null) byNode.set(nameOf(guide.at), link)
    }
    return [...byNode].map(([at, link]) => ({ at, link }))
  }

  nodes(): Promise<readonly NodeSaid[]> {
    return this.#nodes.ask()
  }

  async run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    return this.#linkOf(script.name, keys[0]).run(script, keys, args)
  }

  async runDurably(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    return this.#linkOf(script.name, keys[0]).runDurably(script, keys, args)
  }

  /**
   * All or none of them only within a partition. One has the entries of the journal, and goes before the others: the first one that is there
   * and finds something to do. Where none does, nothing is done.
   */
  async runTogether(script: Script, calls: readonly ScriptCall[]): Promise<readonly unknown[]> {
    const replies = new Map<ScriptCall, unknown>()
    const left = [...Map.groupBy(calls, ({ keys }) => this.#linkOf(script.name, keys[0]))]
    const recorded = new Set<number>()
    const run = async ([link, ofLink]: (typeof left)[number]): Promise<void> => {
      const told = await link.runTogether(
        script,
        ofLink.map(({ keys, args, unrecorded = args }, at) => ({ keys, args: recorded.has(at) ? unrecorded : args })),
      )
      for (const [at, call] of ofLink.entries()) {
        replies.set(call, told[at])
        if (told[at] !== '') recorded.add(at)
      }
    }
    const failures: unknown[] = []
    const keep = (error: unknown): void => void failures.push(error)
    const isRecorded = () => left[0]?.[1].every((_, at) => recorded.has(at)) ?? true
    while (!isRecorded()) {
      const at = left.findIndex(([link]) => link.ready)
      for (const one of left.splice(Math.max(at, 0), 1)) await run(one).catch(keep)
    }
    await Promise.all(left.map(one => run(one).catch(keep)))
    if (failures.length > 0) throw halfDone(script.name, failures[0], replies.size, calls.length)
    return calls.map(call => replies.get(call))
  }

  /** Each command goes to the node of its first argument, which is its key. */
  async ask<T>(what: string, command: (redis: Redis) => Promise<T>): Promise<T> {
    const send = (name: string | symbol, args: readonly unknown[]) =>
      this.#linkOf(what, args[0]).ask(what, redis => Reflect.get(redis, name).apply(redis, args))
    return command(
      new Proxy({} as Redis, {
        get:
          (_, name) =>
          async (...args: unknown[]) =>
            send(name, args),
      }),
    )
  }

  waiting(what: string, key: string, how?: 'patient' | 'prompt'): Redis {
    return this.#partOf(what, key).link.waiting(what, key, how)
  }

  together(keys: readonly string[]): readonly (readonly string[])[] {
    return [...Map.groupBy(keys, prefixOf).values()]
  }

  close(): void {
    for (const { link } of this.#parts.values()) link.close()
    this.#nodes.close()
  }

  #missing(): readonly Part[] {
    return [...this.#parts.values()].filter(({ link }) => !link.ready)
  }

  #some(): boolean {
    return [...this.#parts.values()].some(({ share, link }) => share.lookedAt.length > 0 && link.ready)
  }

  #linkOf(what: string, key: unknown): ServerLink {
    this.#isAdmitted ||= this.#counted.fitness.kind === 'fit'
    const { fitness } = this.#counted
    if (fitness.kind === 'unfit') throw new RedisError('unfit', fitness.why)
    if (!this.#isAdmitted) throw new RedisError('unavailable', `${what}: nothing is known of the store yet`)
    return this.#partOf(what, key).link
  }

  #partOf(what: string, key: unknown): Part {
    const part = this.#parts.get(prefixOf(key) ?? '')
    if (part === undefined) throw new RedisError('refused', `${what}: no part of the store has such a key`)
    return part
  }
}

/** Of what nobody has done, why. */
function halfDone(what: string, error: unknown, done: number, of: number): RedisError {
  const why = error instanceof RedisError ? error : new RedisError('unavailable', `${what}: no answer`)
  if (done === 0) return why
  return new RedisError('half-done', `${why.message}; done in ${done} of ${of} parts of the store: say it again`)
}
