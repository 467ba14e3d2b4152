import type { RedisLink } from '../../redis/connect-redis.ts'
import { PARTITIONS } from '../../redis/keys.ts'
import { PUT_BACK } from '../../redis/scripts.ts'
import type { DeadLetter, DeadLetters, ItemKey } from './journal.ts'
import { fieldOf, type Stream, streamNamed, toStreams } from './redis-journal-streams.ts'

const SHOWN_LIMIT = 2048

export class RedisDeadLetters implements DeadLetters {
  readonly #link: RedisLink
  readonly #streams: readonly Stream[]

  constructor(link: RedisLink, settings: { readonly partitions?: number } = {}) {
    this.#link = link
    this.#streams = toStreams(settings.partitions ?? PARTITIONS)
  }

  async list(limit: number): Promise<readonly DeadLetter[]> {
    const ofStream = async ({ name, dead }: Stream): Promise<DeadLetter[]> => {
      const items = await this.#link.ask('dead letters', redis => redis.xrange(dead, '-', '+', 'COUNT', limit))
      return items.map(([id, fields]) => ({
        stream: name,
        id,
        entry: (fieldOf(fields, 'e') ?? '').slice(0, SHOWN_LIMIT),
        problem: fieldOf(fields, 'problem') ?? '',
      }))
    }
    return (await Promise.all(this.#streams.map(ofStream))).flat()
  }

  async rescue({ stream, id }: ItemKey): Promise<boolean> {
    const { key, dead } = streamNamed(this.#streams, stream)
    return (await this.#link.run(PUT_BACK, [dead, key], [id])) === 1
  }
}
