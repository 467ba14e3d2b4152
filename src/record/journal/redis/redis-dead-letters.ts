import type { RedisLink } from '../../../redis/connect/connect-redis.ts'
import { PARTITIONS } from '../../../redis/keys.ts'
import { PUT_BACK } from '../../../redis/scripts.ts'
import type { DeadLetter, DeadLetters, ItemKey } from '../journal.ts'
import { fieldOf, type Stream, streamNamed, toStreams } from './redis-journal-streams.ts'

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
      return items.map(item => toDeadLetter(name, item))
    }
    return (await Promise.all(this.#streams.map(ofStream))).flat()
  }

  async find({ stream, id }: ItemKey): Promise<DeadLetter | null> {
    const { name, dead } = streamNamed(this.#streams, stream)
    const [item] = await this.#link.ask('dead letter', redis => redis.xrange(dead, id, id))
    return item === undefined ? null : toDeadLetter(name, item)
  }

  async rescue({ stream, id }: ItemKey): Promise<boolean> {
    const { key, dead } = streamNamed(this.#streams, stream)
    return (await this.#link.run(PUT_BACK, [dead, key], [id])) === 1
  }

  async drop({ stream, id }: ItemKey): Promise<boolean> {
    const { dead } = streamNamed(this.#streams, stream)
    return (await this.#link.ask('drop', redis => redis.xdel(dead, id))) === 1
  }
}

function toDeadLetter(stream: string, [id, fields]: [id: string, fields: string[]]): DeadLetter {
  return {
    stream,
    id,
    entry: fieldOf(fields, 'e') ?? '',
    settled: fieldOf(fields, 's') ?? '',
    problem: fieldOf(fields, 'problem') ?? '',
    asideAt: Number.parseInt(id, 10),
  }
}
