import { setTimeout as pause } from 'node:timers/promises'
import type { RedisLink } from '../../../redis/connect/connect-redis.ts'
import { PARTITIONS, REFUSALS_PREFIX } from '../../../redis/keys.ts'
import { toRedisError } from '../../../redis/redis-error.ts'
import { ACKNOWLEDGE, CLOSE_MINUTES, LEAVE, SET_ASIDE } from '../../../redis/scripts.ts'
import { BLOCK_MS } from '../../../redis/server-link.ts'
import type { ItemKey, JournalReader, Most, StreamLag, Unread } from '../journal.ts'
import type { JournalItem, PoisonItem } from '../journal-entry.ts'
import { GROUP, JournalPart } from './redis-journal-part.ts'
import { type Stream, streamNamed, toStreams } from './redis-journal-streams.ts'

export interface ReaderSettings {
  /** Name that this tap keeps over restarts, and no other has. */
  readonly consumer: string
  readonly partitions?: number
  /** What another tap read so long ago and never acknowledged is taken over. */
  readonly takeOverAfterMs?: number
  /** That one read brings, of all streams. */
  readonly maxBytes?: number
}

const TAKE_OVER_AFTER_MS = 60_000
/** As text; as rows and as a block they take some six times as much. */
const MAX_BYTES = 16 * 2 ** 20
/** One call holds up the server no longer than this many take. */
const CHUNK = 500
const CLOSE_MINUTES_EVERY_MS = 5000
/** Between two looks at streams that are spread over a cluster. */
const LOOK_AGAIN_MS = 50

type Item = JournalItem | PoisonItem

/** A consumer group over the journal of every partition and the refusals. */
export class RedisJournalReader implements JournalReader {
  readonly #link: RedisLink
  readonly #consumer: string
  readonly #streams: readonly Stream[]
  /** One, unless they are spread over a cluster. */
  readonly #parts: readonly JournalPart[]
  /** Of each part. */
  readonly #maxBytes: number
  #unread: readonly Unread[] = []
  #hasMore = false
  #closedMinutesAt = 0

  constructor(
    link: RedisLink,
    { consumer, partitions = PARTITIONS, takeOverAfterMs, maxBytes = MAX_BYTES }: ReaderSettings,
  ) {
    this.#link = link
    this.#consumer = consumer
    this.#streams = toStreams(partitions)
    const spread = link.together(this.#streams.map(({ key }) => key))
    this.#maxBytes = maxBytes / spread.length
    // Where there are several, what one of them does not answer must not wait for it.
    const how = spread.length === 1 ? 'patient' : 'prompt'
    this.#parts = spread.map(keys => {
      const streams = this.#streams.filter(({ key }) => keys.includes(key))
      const redis = link.waiting('journal', keys[0] ?? '', how)
      return new JournalPart(redis, streams, { consumer, takeOverAfterMs: takeOverAfterMs ?? TAKE_OVER_AFTER_MS })
    })
  }

  get hasMore(): boolean {
    return this.#hasMore
  }

  get unread(): readonly Unread[] {
    return this.#unread
  }

  async read(batch: number, signal: AbortSignal): Promise<readonly Item[]> {
    if (signal.aborted) return []
    this.#unread = []
    this.#hasMore = false
    try {
      const { items: left, there } = await this.#each(this.#parts, part => this.#leftOf(part, batch))
      const items = left.length > 0 ? left : await this.#fresh(there, { items: batch, bytes: this.#maxBytes })
      this.#hasMore = left.length > 0 || this.#parts.some(part => part.stoppedEarly)
      return items
    } catch (error) {
      if (signal.aborted) return []
      throw toRedisError('journal', error)
    }
  }

  async acknowledge(items: readonly ItemKey[]): Promise<void> {
    for (const [stream, ids] of Map.groupBy(items, item => item.stream)) {
      const { key } = streamNamed(this.#streams, stream)
      const part = this.#partOf(key)
      await this.#settle(part, async () => {
        const gone = ids.map(({ id }) => ({ id, bytes: part.bytesOf(stream, id) }))
        for (let start = 0; start < gone.length; start += CHUNK) {
          const chunk = gone.slice(start, start + CHUNK).flatMap(({ id, bytes }) => [id, bytes])
          await this.#link.run(ACKNOWLEDGE, [key], [GROUP, ...chunk])
        }
        for (const { id } of ids) part.isGone(stream, id)
      })
    }
  }

  async setAside({ stream, id, problem }: PoisonItem): Promise<void> {
    const { key, dead } = streamNamed(this.#streams, stream)
    const part = this.#partOf(key)
    await this.#settle(part, async () => {
      await this.#link.run(SET_ASIDE, [key, dead], [id, GROUP, problem.slice(0, 2048)])
      part.isGone(stream, id)
    })
  }

  lag(): Promise<readonly StreamLag[]> {
    return Promise.all(this.#streams.map(stream => this.#lagOf(stream)))
  }

  async lagWhereItIs(): Promise<readonly StreamLag[]> {
    const settled = await Promise.allSettled(this.#streams.map(stream => this.#lagOf(stream)))
    const found = settled.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
    const failed = settled.find(one => one.status === 'rejected')
    if (found.length === 0 && failed !== undefined) throw failed.reason
    return found
  }

  /** For a name that does not come back. Only when nothing is read any more; what it has in hand stays under its name, to be taken over. */
  async leave(): Promise<void> {
    await Promise.all(this.#streams.map(({ key }) => this.#link.run(LEAVE, [key], [GROUP, this.#consumer])))
  }

  close(): void {
    for (const part of this.#parts) part.close()
  }

  #partOf(key: string): JournalPart {
    const found = this.#parts.find(({ streams }) => streams.some(one => one.key === key))
    if (found === undefined) throw new Error('no connection waits for that stream')
    return found
  }

  /** Of several, one that is away is told when it is back: what the others have must not wait for that. */
  async #settle(part: JournalPart, act: () => Promise<void>): Promise<void> {
    if (this.#parts.length === 1) return act()
    await act().catch(() => part.owe(act))
  }

  async #leftOf(part: JournalPart, batch: number): Promise<readonly Item[]> {
    const left = await part.left(batch)
    if (part.streams.some(({ key }) => key.startsWith(REFUSALS_PREFIX))) await this.#closeMinutes()
    return left
  }

  async #closeMinutes(): Promise<void> {
    if (Date.now() - this.#closedMinutesAt < CLOSE_MINUTES_EVERY_MS) return
    this.#closedMinutesAt = Date.now()
    await this.#link.run(CLOSE_MINUTES, [`${REFUSALS_PREFIX}stream`], [REFUSALS_PREFIX])
  }

  /** What these have, and which of them were there. Rejects where none was. */
  async #each(parts: readonly JournalPart[], read: (part: JournalPart) => Promise<readonly Item[]>) {
    // None may still bring something when the read is over.
    const settled = await Promise.allSettled(parts.map(read))
    const items: Item[] = []
    const there: JournalPart[] = []
    for (const [at, one] of settled.entries()) {
      const part = parts[at]
      if (part === undefined) continue
      if (one.status === 'fulfilled') {
        items.push(...one.value)
        there.push(part)
      } else this.#miss(part, one.reason)
    }
    const [first] = settled
    if (there.length === 0 && first?.status === 'rejected') throw first.reason
    return { items, there }
  }

  #miss(part: JournalPart, error: unknown): void {
    part.giveUp()
    const { message: problem } = toRedisError('journal', error)
    this.#unread = [...this.#unread, ...part.streams.map(({ name }) => ({ stream: name, problem }))]
  }

  /** Of several connections none may wait on its server: what the others have would wait for it, and what is read must be all that is there. */
  async #fresh(parts: readonly JournalPart[], most: Most): Promise<readonly Item[]> {
    if (this.#parts.length === 1) return (await this.#each(parts, part => part.fresh(most, 'waiting'))).items
    let left = parts
    for (const until = Date.now() + BLOCK_MS; ; await pause(LOOK_AGAIN_MS)) {
      const { items, there } = await this.#each(left, part => part.fresh(most, 'at once'))
      if (items.length > 0 || Date.now() >= until) return items
      left = there
    }
  }

  async #lagOf({ name, key, dead }: Stream): Promise<StreamLag> {
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
}
