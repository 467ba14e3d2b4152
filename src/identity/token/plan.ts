import { z } from 'zod'
import type { SigningKey, VerifyKeys } from './keys.ts'
import { openSealed, seal } from './sealed.ts'
import { PLAN_TYPE } from './token-types.ts'

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

/** Signed, so that whoever can write to the store cannot show an approver another plan. */
export function sealPlan(plan: SignedPlan, key: SigningKey): Promise<string> {
  return seal(plan, PLAN_TYPE, key)
}

/** The plan that one of these keys signed, else null. */
export function openPlan(text: string, keys: VerifyKeys): Promise<SignedPlan | null> {
  return openSealed(text, { type: PLAN_TYPE, schema: SIGNED, longest: MOST_CHARACTERS }, keys)
}
