import { isApprover } from '../../approval/people/counted.ts'
import type { VerifyKeys } from '../../identity/keys/keys.ts'
import { openWatch } from '../../identity/signed/watch-mark.ts'
import { CLOCKS_MS, MARK_MS, type WatchMarks } from '../../lease/stream/watch-marks.ts'
import type { Policy } from '../../policy/policy.ts'

/** Who watches the sessions of a lease at the moment. */
export interface Watchers {
  /** Sorted; empty: nobody. */
  readonly names: readonly string[]
  /** When the last of their marks ends, epoch milliseconds. */
  readonly until: number
}

interface Looking {
  readonly marks: WatchMarks
  readonly keys: () => VerifyKeys
  readonly policy: () => Policy
  readonly now: () => number
}

/**
 * By marks that the broker signed for this very lease, in the name of somebody who may still watch; rejects when the store does not say. One that
 * would count for longer than any mark does is nobody's.
 */
export function watchersOf({ marks, keys, policy, now }: Looking): (lease: string) => Promise<Watchers> {
  return async lease => {
    const texts = await marks.marks(lease)
    const opened = await Promise.all(texts.map(text => openWatch(text, keys())))
    const at = now()
    const good = opened
      .filter(mark => mark !== null)
      .filter(mark => mark.lease === lease && at < mark.until && mark.until <= at + MARK_MS + CLOCKS_MS)
      .filter(({ by }) => isApprover(by, policy()))
    return {
      names: [...new Set(good.map(({ by }) => by))].toSorted(),
      until: Math.max(0, ...good.map(({ until }) => until)),
    }
  }
}
