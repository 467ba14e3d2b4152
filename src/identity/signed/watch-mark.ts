import { z } from 'zod'
import type { SigningKey, VerifyKeys } from '../keys/keys.ts'
import { WATCH_TYPE } from '../token/token-types.ts'
import { openSealed, seal } from './sealed.ts'

const MARK = z.strictObject({
  lease: z.string().min(1),
  /** Name of the watcher in the policy. */
  by: z.string().min(1).max(256),
  /** Until when it counts, epoch milliseconds. */
  until: z.int(),
})

/** That a person watches the sessions of a lease, for some seconds. */
export type SignedWatch = Readonly<z.infer<typeof MARK>>

/** Signed, so that whoever can write to the store watches nothing. */
export function sealWatch(watch: SignedWatch, key: SigningKey): Promise<string> {
  return seal(watch, WATCH_TYPE, key)
}

/** The mark that one of these keys signed, else null. */
export function openWatch(text: string, keys: VerifyKeys): Promise<SignedWatch | null> {
  return openSealed(text, { type: WATCH_TYPE, schema: MARK }, keys)
}
