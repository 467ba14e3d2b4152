import { listAt, textAt } from '../look/json.ts'
import type { Listed } from './lists.ts'

export interface Owned {
  readonly kind: string
  readonly object: unknown
}

/** More of one object is counted by nobody. */
const MOST_OWNED = 5000

/** What the garbage collector takes with these, and with those, and so on: by uid, as it does. */
export function ownedBy(uids: readonly string[], listed: readonly Listed[]): readonly Owned[] {
  const all = listed.flatMap(({ kind, items }) => items.map(object => ({ kind: kind.kind, object })))
  // An object can name an owner as often as it likes.
  const links = all.flatMap(owned =>
    [...new Set(listAt(owned.object, 'metadata', 'ownerReferences').map(owner => textAt(owner, 'uid')))].map(uid => ({
      uid,
      owned,
    })),
  )
  const byOwner = Map.groupBy(links, ({ uid }) => uid)
  const [found, seen, queue] = [[] as Owned[], new Set(uids), [...uids]]
  for (let uid = queue.shift(); uid !== undefined && found.length < MOST_OWNED; uid = queue.shift()) {
    for (const { owned } of byOwner.get(uid) ?? []) {
      const own = textAt(owned.object, 'metadata', 'uid')
      if (seen.has(own)) continue
      seen.add(own)
      found.push(owned)
      queue.push(own)
    }
  }
  return found
}
