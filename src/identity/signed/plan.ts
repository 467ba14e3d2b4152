import { z } from 'zod'
import { closeBox, openBox } from '../box/box.ts'
import { boxKeysOf } from '../box/box-keys.ts'
import type { SigningKey, VerifyKeys } from '../keys/keys.ts'
import { PLAN_TYPE } from '../token/token-types.ts'
import { openSealed, seal } from './sealed.ts'

const SIGNED = z.strictObject({
  approval: z.string().min(1),
  /** Of the request that it is a plan of. */
  digest: z.string().min(1),
  /** Whoever shows it knows what is in it. */
  plan: z.unknown(),
  bound: z.string(),
  state: z.string(),
})

/** What the broker found out about one question. */
export type SignedPlan = Readonly<z.infer<typeof SIGNED>>

/** A plan is long. */
const MOST_CHARACTERS = 1_000_000

/** What boxes with plans are about; of which question one is, is signed. */
const ABOUT = 'plan'

/**
 * Signed, so that whoever can write to the store cannot show an approver another plan; and closed, since it says of the cluster what is in no
 * question: for whoever signs with one of these keys.
 */
export async function sealPlan(plan: SignedPlan, key: SigningKey, readers: VerifyKeys): Promise<string> {
  return closeBox(Buffer.from(await seal(plan, PLAN_TYPE, key)), ABOUT, boxKeysOf(readers))
}

/** The plan that one of these keys signed, else null. */
export async function openPlan(text: string, { kid, box }: SigningKey, keys: VerifyKeys): Promise<SignedPlan | null> {
  const signed = openBox(text, ABOUT, { kid, key: box })?.toString('latin1') ?? ''
  return openSealed(signed, { type: PLAN_TYPE, schema: SIGNED, longest: MOST_CHARACTERS }, keys)
}
