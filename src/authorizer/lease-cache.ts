import QuickLRU from 'quick-lru'
import type { Lease } from '../lease/lease.ts'

/**
 * Contracts by lease id. A contract never changes, so only its first reading needs the store and a signature check; whether
 * the lease is still live is asked with every commit. Unknown ids are not kept: a lease may be created a moment later.
 */
export function leaseCache(
  load: (id: string) => Promise<Lease | null>,
  maxLeases: number,
): (id: string) => Promise<Lease | null> {
  const known = new QuickLRU<string, Lease>({ maxSize: maxLeases })
  return async id => {
    const cached = known.get(id)
    if (cached !== undefined) return cached
    const lease = await load(id)
    // A contract that lies under another lease's id was put there by somebody.
    if (lease === null || lease.id !== id) return null
    known.set(id, lease)
    return lease
  }
}
