import QuickLRU from 'quick-lru'
import type { Lease } from '../lease/lease.ts'

/**
 * Contracts by lease id. Nothing takes the place of a contract but a narrower one, so only its first reading needs the store and a signature
 * check; whether the lease is still live, and still as wide, is asked with every commit. One that is known to be outdated is nobody's, also
 * where the store has it again. Unknown ids are not kept: a lease may be created a moment later.
 */
export function leaseCache(
  load: (id: string) => Promise<Lease | null>,
  maxLeases: number,
  isOutdated: (lease: Lease) => boolean = () => false,
): (id: string) => Promise<Lease | null> {
  const known = new QuickLRU<string, Lease>({ maxSize: maxLeases })
  return async id => {
    const cached = known.get(id)
    if (cached !== undefined && !isOutdated(cached)) return cached
    const lease = await load(id)
    // A contract that lies under another lease's id was put there by somebody.
    if (lease === null || lease.id !== id || isOutdated(lease)) return null
    known.set(id, lease)
    return lease
  }
}
