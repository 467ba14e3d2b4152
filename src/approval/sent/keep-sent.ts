import { closeBox } from '../../identity/box/box.ts'
import { boxKeysOf } from '../../identity/box/box-keys.ts'
import type { VerifyKeys } from '../../identity/keys/keys.ts'
import type { RedisSentStore } from './redis-sent-store.ts'
import { fromSent, type Sent } from './sent.ts'

interface Keeping {
  readonly store: Pick<RedisSentStore, 'keepSent'>
  /** Of the broker; asked each time, so that they can be changed. */
  readonly keys: () => VerifyKeys
  readonly now: () => number
  readonly keepMs: number
  readonly onFailure: (approval: string, error: unknown) => void
}

/** Of one request. An agent has 50 open questions, and the store has to have room for others: of what is longer there is no plan. */
const MOST_BYTES = 256 * 1024

/**
 * Keeps what was asked about beside the question, closed so that the broker alone can read it: bodies hold what is in no record. Not in the
 * way of the answer, and once for each question, of which agents may ask so many.
 */
export function sentKeeper({ store, keys, now, keepMs, onFailure }: Keeping): (approval: string, sent: Sent) => void {
  const keep = async (approval: string, sent: Sent) => {
    const bytes = fromSent(sent)
    if (bytes.length > MOST_BYTES) return
    const box = closeBox(bytes, approval, boxKeysOf(keys()))
    await store.keepSent(approval, box, keepMs, now())
  }
  return (approval, sent) => {
    setImmediate(() => {
      keep(approval, sent).catch(error => onFailure(approval, error))
    })
  }
}
