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
  const byOwner = new Map<string, Owned[]>()
  for (const { kind, items } of listed) {
    for (const object of items) {
      for (const owner of listAt(object, 'metadata', 'ownerReferences')) {
        const uid = textAt(owner, 'uid')
        byOwner.set(uid, [...(byOwner.get(uid) ?? []), { kind: kind.kind, object }])
      }
    }
  }
  const [found, seen, queue] = [[] as Owned[], new Set(uids), [...uids]]
  for (let uid = queue.shift(); uid !== undefined && found.length < MOST_OWNED; uid = queue.shift()) {
    for (const owned of byOwner.get(uid) ?? []) {
      const own = textAt(owned.object, 'metadata', 'uid')
      if (seen.has(own)) continue
      seen.add(own)
      found.push(owned)
      queue.push(own)
    }
  }
  return found
}
