import type { RedisLink } from '../../redis/connect/connect-redis.ts'
import { partitionPrefix } from '../../redis/keys.ts'
import { partitionName } from '../lease-id.ts'
import type { Page, PageOf } from '../lease-store.ts'
import { fromEach, missingIn } from './from-each.ts'

/** Ids out of sets that Redis keeps in their order, some in each partition, merged: one call a set, as long as the page and no longer. */
export async function readPage(
  link: RedisLink,
  { partitions, named }: { readonly partitions: number; readonly named: readonly string[] },
  { after, limit, partial = false }: Omit<PageOf, 'agent'>,
): Promise<Page<string>> {
  const from = after === '' ? '-' : `(${after}`
  const read = (set: string) => link.ask('page', redis => redis.zrange(set, from, '+', 'BYLEX', 'LIMIT', 0, limit + 1))
  const { found, missing } = await fromEach(
    partitionNames(partitions),
    async name => (await Promise.all(named.map(set => read(`${partitionPrefix(name)}${set}`)))).flat(),
    partial,
  )
  const ids = found.flat().toSorted()
  const items = ids.slice(0, limit)
  return { items, next: ids.length > limit ? (items.at(-1) ?? null) : null, ...missingIn(missing) }
}

export function partitionNames(partitions: number): readonly string[] {
  return Array.from({ length: partitions }, (_, index) => partitionName(index))
}
