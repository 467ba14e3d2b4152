import { isAway } from '../../redis/redis-error.ts'

/**
 * What each partition says. Where a part may be missing, the names of those whose server does not answer beside it; where none may, and where
 * none answers, it rejects.
 */
export async function fromEach<T>(
  partitions: readonly string[],
  read: (partition: string) => Promise<T>,
  isPartial: boolean,
): Promise<{ readonly found: readonly T[]; readonly missing: readonly string[] }> {
  const settled = await Promise.allSettled(partitions.map(read))
  const found = settled.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
  for (const one of settled) {
    if (one.status === 'rejected' && !(isPartial && found.length > 0 && isAway(one.reason))) throw one.reason
  }
  return { found, missing: partitions.filter((_, at) => settled[at]?.status === 'rejected') }
}

/** As a page has it. */
export function missingIn(missing: readonly string[]): { readonly missing?: readonly string[] } {
  return missing.length === 0 ? {} : { missing: [...new Set(missing)].toSorted() }
}
