import { listAt, textAt } from '../look/json.ts'
import type { Listed } from './lists.ts'

export interface Owned {
  readonly kind: string
  readonly object: unknown
}

/** More of one object is counted by nobody. */
const MOST_OWNED = 5000

/** What the garbage collector takes with these, and with those, and so on: by uid, as it does. What has another owner stays with that one. */
export function ownedBy(uids: readonly string[], listed: readonly Listed[]): readonly Owned[] {
  return collected(uids, listed).found
}

/** How many objects stay for another owner that they have: whether that one is there nobody here can tell. */
export function stayingOf(uids: readonly string[], listed: readonly Listed[]): number {
  return collected(uids, listed).staying
}

function collected(uids: readonly string[], listed: readonly Listed[]) {
  const all = listed.flatMap(({ kind, items }) => items.map(object => ({ kind: kind.kind, object })))
  const byOwner = Map.groupBy(all.flatMap(linksOf), ({ uid }) => uid)
  const [found, seen, queue] = [[] as Owned[], new Set(uids), [...new Set(uids)]]
  /** By uid, how many of its owners do not go. */
  const left = new Map<string, number>()
  for (let uid = queue.shift(); uid !== undefined && found.length < MOST_OWNED; uid = queue.shift()) {
    for (const { owned, owners } of byOwner.get(uid) ?? []) {
      const own = textAt(owned.object, 'metadata', 'uid')
      if (seen.has(own)) continue
      left.set(own, (left.get(own) ?? owners) - 1)
      if (left.get(own) !== 0) continue
      seen.add(own)
      found.push(owned)
      queue.push(own)
    }
  }
  return { found, staying: [...left.values()].filter(owners => owners > 0).length }
}

/** An object can name an owner as often as it likes. */
function linksOf(owned: Owned) {
  const uids = new Set(listAt(owned.object, 'metadata', 'ownerReferences').map(owner => textAt(owner, 'uid')))
  return [...uids].map(uid => ({ uid, owned, owners: uids.size }))
}
