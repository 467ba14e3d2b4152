import type { RedisLink } from '../../redis/connect-redis.ts'
import type { Page, PageOf } from '../lease-store.ts'

/** Ids out of sets that Redis keeps in their order, merged: one call a set, as long as the page and no longer. */
export async function readPage(
  link: RedisLink,
  sets: readonly string[],
  { after, limit }: Pick<PageOf, 'after' | 'limit'>,
): Promise<Page<string>> {
  const from = after === '' ? '-' : `(${after}`
  const read = (set: string) => link.ask('page', redis => redis.zrange(set, from, '+', 'BYLEX', 'LIMIT', 0, limit + 1))
  const ids = (await Promise.all(sets.map(read))).flat().toSorted()
  const items = ids.slice(0, limit)
  return { items, next: ids.length > limit ? (items.at(-1) ?? null) : null }
}
