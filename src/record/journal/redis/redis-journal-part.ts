import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { BLOCK_MS } from '../../../redis/server-link.ts'
import type { Most } from '../journal.ts'
import type { JournalItem, PoisonItem } from '../journal-entry.ts'
import { parseJournalItem, type RawItem } from '../parse-journal-item.ts'
import { fieldOf, type Stream } from './redis-journal-streams.ts'

export const GROUP = 'tap'

/** Items of each stream that one call brings: of the largest there are, no more than so many come beyond the bytes that are wanted. */
const PIECE = 500

/** As Redis answers: id and fields; fields are null for an item that was deleted while it was pending. */
type StreamItem = readonly [id: string, fields: readonly string[] | null]
type PendingItem = readonly [id: string, consumer: string, idleMs: number, deliveries: number]
type PendingSummary = [count: number, first: string, last: string, consumers: [name: string, count: string][] | null]
type Received = readonly (readonly [key: string, items: readonly StreamItem[]])[]
type Item = JournalItem | PoisonItem

export interface Consumer {
  readonly consumer: string
  /** What another tap read so long ago and never acknowledged is taken over. */
  readonly takeOverAfterMs: number
}

/** What one server has of the journal, read by a connection of its own: all of it, unless the store is spread over a cluster. */
export class JournalPart {
  readonly streams: readonly Stream[]
  readonly #redis: Redis
  readonly #consumer: string
  readonly #takeOverAfterMs: number
  readonly #begun: Promise<unknown>
  /** Read by this process and not acknowledged, so that looking through the pending items does not bring them twice; with its bytes. */
  readonly #inHand = new Map<string, number>()
  /** What came with the read that is on its way, and its bytes. */
  #came: string[] = []
  #cameBytes = 0
  #stoppedEarly = false
  /** An answer may have been lost with the connection: look through what is pending for us before reading on. */
  #catchUp = true
  /** How far each stream was looked through. */
  readonly #looked = new Map<string, string>()
  #tookOverAt = 0
  /** What the record has, and nobody could say here. */
  #owed: (() => Promise<void>)[] = []

  constructor(redis: Redis, streams: readonly Stream[], { consumer, takeOverAfterMs }: Consumer) {
    this.streams = streams
    this.#redis = redis
    this.#consumer = consumer
    this.#takeOverAfterMs = takeOverAfterMs
    redis.on('close', () => this.#startOver())
    this.#begun = Promise.race([once(redis, 'ready').catch(() => undefined), pause(BLOCK_MS, null, { ref: false })])
  }

  /** What was delivered to this name before, or to a tap that went away, and never acknowledged. */
  async left(batch: number): Promise<readonly Item[]> {
    this.#came = []
    this.#cameBytes = 0
    this.#stoppedEarly = false
    await this.#begun
    while (this.#owed[0] !== undefined) {
      await this.#owed[0]()
      this.#owed.shift()
    }
    if (this.#catchUp) await this.#createGroups()
    return [...(await this.#pending(batch)), ...(await this.#abandoned(batch))]
  }

  /**
   * Piece by piece: the store counts items, and how many bytes they are is known when they are here. It is at work on the next one while one
   * is read.
   */
  async fresh({ items: most, bytes }: Most, how: 'waiting' | 'at once'): Promise<readonly Item[]> {
    const found: Item[] = []
    let ofEach = Math.min(PIECE, most)
    for (let coming = this.#piece(ofEach, how); ; ) {
      const { raw, isFull } = await coming
      const goesOn = isFull && ofEach < most && this.#cameBytes < bytes
      if (goesOn) {
        const count = Math.min(PIECE, most - ofEach)
        coming = this.#piece(count, 'at once')
        ofEach += count
      }
      for (const one of raw) found.push(parseJournalItem(one))
      if (goesOn) continue
      this.#stoppedEarly = isFull
      return found
    }
  }

  /** Whether what came since `left` was asked for is not all that was there. */
  get stoppedEarly(): boolean {
    return this.#stoppedEarly
  }

  /** Nobody is given what came since `left` was asked for: it comes again, as what is pending. */
  giveUp(): void {
    this.#startOver()
    for (const one of this.#came) this.#inHand.delete(one)
  }

  /** Done before anything else is read here. */
  owe(act: () => Promise<void>): void {
    this.#owed.push(act)
  }

  bytesOf(stream: string, id: string): number {
    return this.#inHand.get(`${stream} ${id}`) ?? 0
  }

  isGone(stream: string, id: string): void {
    this.#inHand.delete(`${stream} ${id}`)
  }

  close(): void {
    this.#redis.disconnect()
  }

  #startOver(): void {
    this.#catchUp = true
    this.#looked.clear()
  }

  async #createGroups(): Promise<void> {
    for (const { key } of this.streams) {
      await this.#redis.xgroup('CREATE', key, GROUP, '0', 'MKSTREAM').catch((error: Error) => {
        if (!error.message.startsWith('BUSYGROUP')) throw error
      })
    }
  }

  /** Delivered to this name before and never acknowledged; nothing once it was looked through. */
  async #pending(batch: number): Promise<Item[]> {
    if (!this.#catchUp) return []
    const found: Item[] = []
    for (const stream of this.streams) found.push(...(await this.#pendingOf(stream, batch)))
    this.#catchUp = found.length > 0
    return found
  }

  /** Until there is something that is not in hand, or nothing at all. By items alone, as it was read: then it is the same set, of no more bytes. */
  async #pendingOf(stream: Stream, batch: number): Promise<Item[]> {
    for (;;) {
      const after = this.#looked.get(stream.name) ?? '0'
      const group = ['GROUP', GROUP, this.#consumer, 'COUNT', batch, 'STREAMS', stream.key, after] as const
      const reply = (await this.#redis.xreadgroup(...group)) as Received | null
      const items = reply?.[0]?.[1] ?? []
      const last = items.at(-1)
      if (last === undefined) return []
      const found = (await this.#take(stream, items)).map(parseJournalItem)
      this.#looked.set(stream.name, last[0])
      if (found.length > 0) return found
    }
  }

  /**
   * Delivered to a tap that went away: of each stream what one of them had in hand, so that it comes as the set that it was
   * read as, and is the same batch if that tap had written it already.
   */
  async #abandoned(batch: number): Promise<Item[]> {
    if (Date.now() - this.#tookOverAt < this.#takeOverAfterMs / 2) return []
    const found: Item[] = []
    for (const stream of this.streams) found.push(...(await this.#takeOver(stream, batch)))
    // Another one may have left something as well: looked at again at once.
    if (found.length === 0) this.#tookOverAt = Date.now()
    return found
  }

  async #takeOver(stream: Stream, batch: number): Promise<Item[]> {
    const idle = ['IDLE', this.#takeOverAfterMs, '-', '+'] as const
    for (const gone of await this.#othersIn(stream)) {
      const pending = (await this.#redis.xpending(stream.key, GROUP, ...idle, batch, gone)) as PendingItem[]
      if (pending.length === 0) continue
      const ids = pending.map(([id]) => id)
      // Only what is still idle: another tap may be as quick.
      const reply = await this.#redis.xclaim(stream.key, GROUP, this.#consumer, this.#takeOverAfterMs, ...ids)
      const items = (await this.#take(stream, reply as StreamItem[])).map(parseJournalItem)
      if (items.length > 0) return items
    }
    return []
  }

  async #othersIn({ key }: Stream): Promise<readonly string[]> {
    const [, , , consumers] = (await this.#redis.xpending(key, GROUP)) as PendingSummary
    return (consumers ?? []).map(([name]) => name).filter(name => name !== this.#consumer)
  }

  async #piece(count: number, how: 'waiting' | 'at once'): Promise<{ raw: readonly RawItem[]; isFull: boolean }> {
    const keys = this.streams.map(({ key }) => key)
    const streams = ['STREAMS', ...keys, ...keys.map(() => '>')] as const
    const reply = ((how === 'waiting'
      ? await this.#redis.xreadgroup('GROUP', GROUP, this.#consumer, 'COUNT', count, 'BLOCK', BLOCK_MS, ...streams)
      : await this.#redis.xreadgroup('GROUP', GROUP, this.#consumer, 'COUNT', count, ...streams)) ?? []) as Received
    const raw: RawItem[] = []
    for (const [key, items] of reply) {
      const stream = this.streams.find(one => one.key === key)
      if (stream !== undefined) raw.push(...(await this.#take(stream, items)))
    }
    return { raw, isFull: reply.some(([, items]) => items.length >= count) }
  }

  async #take({ name, key }: Stream, items: readonly StreamItem[]): Promise<readonly RawItem[]> {
    const gone = items.filter(([, fields]) => fields === null).map(([id]) => id)
    if (gone.length > 0) await this.#redis.xack(key, GROUP, ...gone)
    const fresh = items.filter(([id, fields]) => fields !== null && !this.#inHand.has(`${name} ${id}`))
    for (const [id, fields] of fresh) {
      const bytes = bytesOf(fields ?? [])
      this.#inHand.set(`${name} ${id}`, bytes)
      this.#came.push(`${name} ${id}`)
      this.#cameBytes += bytes
    }
    return fresh.map(([id, fields]) => ({
      stream: name,
      id,
      entry: fieldOf(fields ?? [], 'e'),
      settled: fieldOf(fields ?? [], 's'),
    }))
  }
}

/** As the scripts count them. */
function bytesOf(fields: readonly string[]): number {
  return fields.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
}
