import { partitionName } from '../../../lease/lease-id.ts'
import { partitionPrefix, REFUSALS_PREFIX } from '../../../redis/keys.ts'

/** One stream of the journal and the keys it has in Redis. */
export interface Stream {
  readonly name: string
  readonly key: string
  readonly dead: string
}

/** A partition's journal is called after the partition. */
export function toStreams(partitions: number): readonly Stream[] {
  const journals = Array.from({ length: partitions }, (_, index) => {
    const name = partitionName(index)
    const prefix = partitionPrefix(name)
    return { name, key: `${prefix}journal`, dead: `${prefix}dead` }
  })
  return [...journals, { name: 'refusals', key: `${REFUSALS_PREFIX}stream`, dead: `${REFUSALS_PREFIX}dead` }]
}

/** Throws for a name that none of them has. */
export function streamNamed(streams: readonly Stream[], name: string): Stream {
  const stream = streams.find(one => one.name === name)
  if (stream === undefined) throw new Error(`no journal stream is called ${name}`)
  return stream
}

/** Of a stream item's fields, which come as a flat list of names and values. */
export function fieldOf(fields: readonly string[], name: string): string | null {
  for (let i = 0; i + 1 < fields.length; i += 2) if (fields[i] === name) return fields[i + 1] ?? null
  return null
}
