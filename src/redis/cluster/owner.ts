import { type Address, nameOf } from '../guide/address.ts'
import type { NodeSeen } from './parse-nodes.ts'

/** Who has a slot, and since which of the cluster's changes. */
export interface Owner {
  readonly at: Address
  readonly epoch: number
}

/**
 * The node that has this slot, by the cluster's own rule: whoever claims it with the highest epoch. A node that was cut off names the one of
 * before with a lower one. Where all that is known is older than it was, as in a cluster that was set up anew, most of its nodes have to
 * say it; null where nobody has it, or two, or one that cannot be reached: whoever had it before has it no more.
 */
export function ownerOf(
  slot: number,
  views: readonly (readonly NodeSeen[])[],
  { newest, nodes }: { readonly newest: number; readonly nodes: number },
): Owner | null {
  const claims = views.map(view => claimsOf(slot, view))
  const epoch = Math.max(...claims.flat().map(one => one.epoch))
  const latest = claims.flat().filter(one => one.epoch === epoch)
  // Counted before the address is looked at: a node that nobody can reach claims it no less.
  const claimants = new Set(latest.map(({ id }) => id))
  const places = new Map(latest.flatMap(({ at }) => (at === null ? [] : [[nameOf(at), at]])))
  const [at] = places.values()
  if (claimants.size !== 1 || places.size !== 1 || at === undefined) return null
  const say = claims.filter(claim => claim.some(one => one.epoch === epoch)).length
  return epoch >= newest || say * 2 > nodes ? { at, epoch } : null
}

/** Of those that one node sees, who has this slot by its word. */
export function claimsOf(slot: number, view: readonly NodeSeen[]): readonly NodeSeen[] {
  return view.filter(({ slots }) => slots.some(([first, last]) => first <= slot && slot <= last))
}
