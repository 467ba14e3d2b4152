import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { RedisLink } from '../../redis/connect-redis.ts'
import { PARTITIONS, REFUSALS_PREFIX } from '../../redis/keys.ts'
import { toRedisError } from '../../redis/redis-error.ts'
import { ACKNOWLEDGE, CLOSE_MINUTES, LEAVE, SET_ASIDE } from '../../redis/scripts.ts'
import { BLOCK_MS } from '../../redis/server-link.ts'
import type { ItemKey, JournalReader, StreamLag } from './journal.ts'
import type { JournalItem, PoisonItem } from './journal-entry.ts'
import { parseJournalItem } from './parse-journal-item.ts'
import { fieldOf, type Stream, streamNamed, toStreams } from './redis-journal-streams.ts'

export interface ReaderSettings {
  /** Name that this tap keeps over restarts, and no other has. */
  readonly consumer: string
  readonly partitions?: number
  /** What another tap read so long ago and never acknowledged is taken over. */
  readonly takeOverAfterMs?: number
}

const GROUP = 'tap'
const TAKE_OVER_AFTER_MS = 60_000
/** One call holds up the server no longer than this many take. */
const CHUNK = 500
const CLOSE_MINUTES_EVERY_MS = 5000
/** Between two looks at streams that are spread over a cluster. */
const LOOK_AGAIN_MS = 50

/** As Redis answers: id and fields; fields are null for an item that was deleted while it was pending. */
type StreamItem = readonly [id: string, fields: readonly string[] | null]
type PendingItem = readonly [id: string, consumer: string, idleMs: number, deliveries: number]
type PendingSummary = [count: number, first: string, last: string, consumers: [name: string, count: string][] | null]
type Received = readonly (readonly [key: string, items: readonly StreamItem[]])[]

interface Waiting {
  readonly keys: readonly string[]
  readonly redis: Redis
}

/** A consumer group over the journal of every partition and the refusals. */
export class RedisJournalReader implements JournalReader {
  readonly #link: RedisLink
  readonly #consumer: string
  readonly #takeOverAfterMs: number
  readonly #streams: readonly Stream[]
  /** Streams by the connection that waits for them: one, unless they are spread over a cluster. */
  readonly #waits: readonly Waiting[]
  /** Read by this process and not acknowledged, so that looking through the pending items does not bring them twice; with its bytes. */
  readonly #inHand = new Map<string, number>()
  /** What came with the read that is on its way. */
  #came: string[] = []
  /** An answer may have been lost with the connection: look through what is pending for us before reading on. */
  #catchUp = true
  /** How far each stream was looked through. */
  readonly #looked = new Map<string, string>()
  #tookOverAt = 0
  #closedMinutesAt = 0

  constructor(link: RedisLink, { consumer, partitions = PARTITIONS, takeOverAfterMs }: ReaderSettings) {
    this.#link = link
    this.#consumer = consumer
    this.#takeOverAfterMs = takeOverAfterMs ?? TAKE_OVER_AFTER_MS
    this.#streams = toStreams(partitions)
    this.#waits = link.together(this.#streams.map(({ key }) => key)).map(keys => {
      const redis = link.waiting('journal', keys[0] ?? '')
      redis.on('close', () => this.#startOver())
      return { keys, redis }
    })
  }

  async read(batch: number, signal: AbortSignal): Promise<readonly (JournalItem | PoisonItem)[]> {
    if (signal.aborted) return []
    this.#came = []
    try {
      if (this.#catchUp) await this.#createGroups()
      await this.#closeMinutes()
      const left = [...(await this.#pending(batch)), ...(await this.#abandoned(batch))]
      return left.length > 0 ? left : await this.#fresh(batch)
    } catch (error) {
      this.#startOver()
      // Nobody was given what other streams had: it comes again, as what is pending.
      for (const one of this.#came) this.#inHand.delete(one)
      if (signal.aborted) return []
      throw toRedisError('journal', error)
    }
  }

  async acknowledge(items: readonly ItemKey[]): Promise<void> {
    for (const [stream, ids] of Map.groupBy(items, item => item.stream)) {
      const { key } = streamNamed(this.#streams, stream)
      const gone = ids.map(({ id }) => ({ id, bytes: this.#inHand.get(`${stream} ${id}`) ?? 0 }))
      for (let start = 0; start < gone.length; start += CHUNK) {
        const chunk = gone.slice(start, start + CHUNK).flatMap(({ id, bytes }) => [id, bytes])
        await this.#link.run(ACKNOWLEDGE, [key], [GROUP, ...chunk])
      }
      for (const { id } of ids) this.#inHand.delete(`${stream} ${id}`)
    }
  }

  async setAside({ stream, id, problem }: PoisonItem): Promise<void> {
    const { key, dead } = streamNamed(this.#streams, stream)
    await this.#link.run(SET_ASIDE, [key, dead], [id, GROUP, problem.slice(0, 2048)])
    this.#inHand.delete(`${stream} ${id}`)
  }

  lag(): Promise<readonly StreamLag[]> {
    const oneStream = async ({ name, key, dead }: Stream): Promise<StreamLag> => {
      const [length, bytes, oldest, deadLetters] = await Promise.all([
        this.#link.ask('lag', redis => redis.xlen(key)),
        this.#link.ask('lag', redis => redis.get(`${key}:bytes`)),
        this.#link.ask('lag', redis => redis.xrange(key, '-', '+', 'COUNT', 1)),
        this.#link.ask('lag', redis => redis.xlen(dead)),
      ])
      const id = oldest[0]?.[0]
      const oldestAt = id === undefined ? null : Number.parseInt(id, 10)
      return { stream: name, length, bytes: Number(bytes ?? 0), oldestAt, deadLetters }
    }
    return Promise.all(this.#streams.map(oneStream))
  }

  /** For a name that does not come back. Only when nothing is read any more; what it has in hand stays under its name, to be taken over. */
  async leave(): Promise<void> {
    await Promise.all(this.#streams.map(({ key }) => this.#link.run(LEAVE, [key], [GROUP, this.#consumer])))
  }

  close(): void {
    for (const { redis } of this.#waits) redis.disconnect()
  }

  #redisOf(key: string): Redis {
    const found = this.#waits.find(({ keys }) => keys.includes(key))
    if (found === undefined) throw new Error('no connection waits for that stream')
    return found.redis
  }

  #startOver(): void {
    this.#catchUp = true
    this.#looked.clear()
  }

  async #closeMinutes(): Promise<void> {
    if (Date.now() - this.#closedMinutesAt < CLOSE_MINUTES_EVERY_MS) return
    this.#closedMinutesAt = Date.now()
    await this.#link.run(CLOSE_MINUTES, [`${REFUSALS_PREFIX}stream`], [REFUSALS_PREFIX])
  }

  async #createGroups(): Promise<void> {
    for (const { key } of this.#streams) {
      await this.#redisOf(key)
        .xgroup('CREATE', key, GROUP, '0', 'MKSTREAM')
        .catch((error: Error) => {
          if (!error.message.startsWith('BUSYGROUP')) throw error
        })
    }
  }

  /** Of several connections none may wait on its server: what the others have would wait for it, and what is read must be all that is there. */
  async #fresh(batch: number): Promise<(JournalItem | PoisonItem)[]> {
    const [only, ...more] = this.#waits
    if (only !== undefined && more.length === 0) return this.#freshOf(only, batch, 'waiting')
    for (const until = Date.now() + BLOCK_MS; ; await pause(LOOK_AGAIN_MS)) {
      // None may still bring something when the read has failed.
      const settled = await Promise.allSettled(this.#waits.map(wait => this.#freshOf(wait, batch, 'at once')))
      const found = settled.flatMap(one => {
        if (one.status === 'rejected') throw one.reason
        return one.value
      })
      if (found.length > 0 || Date.now() >= until) return found
    }
  }

  async #freshOf(
    { keys, redis }: Waiting,
    batch: number,
    how: 'waiting' | 'at once',
  ): Promise<(JournalItem | PoisonItem)[]> {
    const streams = ['STREAMS', ...keys, ...keys.map(() => '>')] as const
    const reply =
      how === 'waiting'
        ? await redis.xreadgroup('GROUP', GROUP, this.#consumer, 'COUNT', batch, 'BLOCK', BLOCK_MS, ...streams)
        : await redis.xreadgroup('GROUP', GROUP, this.#consumer, 'COUNT', batch, ...streams)
    return this.#received(reply as Received | null)
  }

  /** Delivered to this name before and never acknowledged; nothing once it was looked through. */
  async #pending(batch: number): Promise<(JournalItem | PoisonItem)[]> {
    if (!this.#catchUp) return []
    const found: (JournalItem | PoisonItem)[] = []
    for (const stream of this.#streams) found.push(...(await this.#pendingOf(stream, batch)))
    this.#catchUp = found.length > 0
    return found
  }

  /** Until there is something that is not in hand, or nothing at all. */
  async #pendingOf(stream: Stream, batch: number): Promise<(JournalItem | PoisonItem)[]> {
    for (;;) {
      const after = this.#looked.get(stream.name) ?? '0'
      const group = ['GROUP', GROUP, this.#consumer, 'COUNT', batch, 'STREAMS', stream.key, after] as const
      const reply = (await this.#redisOf(stream.key).xreadgroup(...group)) as Received | null
      const items = reply?.[0]?.[1] ?? []
      const last = items.at(-1)
      if (last === undefined) return []
      const found = await this.#take(stream, items)
      this.#looked.set(stream.name, last[0])
      if (found.length > 0) return found
    }
  }

  /**
   * Delivered to a tap that went away: of each stream what one of them had in hand, so that it comes as the set that it was
   * read as, and is the same batch if that tap had written it already.
   */
  async #abandoned(batch: number): Promise<(JournalItem | PoisonItem)[]> {
    if (Date.now() - this.#tookOverAt < this.#takeOverAfterMs / 2) return []
    const found: (JournalItem | PoisonItem)[] = []
    for (const stream of this.#streams) found.push(...(await this.#takeOver(stream, batch)))
    // Another one may have left something as well: looked at again at once.
    if (found.length === 0) this.#tookOverAt = Date.now()
    return found
  }

  async #takeOver(stream: Stream, batch: number): Promise<(JournalItem | PoisonItem)[]> {
    const idle = ['IDLE', this.#takeOverAfterMs, '-', '+'] as const
    const redis = this.#redisOf(stream.key)
    for (const gone of await this.#othersIn(stream)) {
      const pending = (await redis.xpending(stream.key, GROUP, ...idle, batch, gone)) as PendingItem[]
      if (pending.length === 0) continue
      const ids = pending.map(([id]) => id)
      // Only what is still idle: another tap may be as quick.
      const reply = await redis.xclaim(stream.key, GROUP, this.#consumer, this.#takeOverAfterMs, ...ids)
      const items = await this.#take(stream, reply as StreamItem[])
      if (items.length > 0) return items
    }
    return []
  }

  async #othersIn({ key }: Stream): Promise<readonly string[]> {
    const [, , , consumers] = (await this.#redisOf(key).xpending(key, GROUP)) as PendingSummary
    return (consumers ?? []).map(([name]) => name).filter(name => name !== this.#consumer)
  }

  async #received(reply: Received | null): Promise<(JournalItem | PoisonItem)[]> {
    const found: (JournalItem | PoisonItem)[] = []
    for (const [key, items] of reply ?? []) {
      const stream = this.#streams.find(one => one.key === key)
      if (stream !== undefined) found.push(...(await this.#take(stream, items)))
    }
    return found
  }

  async #take({ name, key }: Stream, items: readonly StreamItem[]): Promise<(JournalItem | PoisonItem)[]> {
    const gone = items.filter(([, fields]) => fields === null).map(([id]) => id)
    if (gone.length > 0) await this.#redisOf(key).xack(key, GROUP, ...gone)
    const fresh = items.filter(([id, fields]) => fields !== null && !this.#inHand.has(`${name} ${id}`))
    for (const [id, fields] of fresh) {
      this.#inHand.set(`${name} ${id}`, bytesOf(fields ?? []))
      this.#came.push(`${name} ${id}`)
    }
    return fresh.map(([id, fields]) =>
      parseJournalItem({ stream: name, id, entry: fieldOf(fields ?? [], 'e'), settled: fieldOf(fields ?? [], 's') }),
    )
  }
}

/** As the scripts count them. */
function bytesOf(fields: readonly string[]): number {
  return fields.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
}
