import { CompactSign, compactVerify } from 'jose'
import { z } from 'zod'
import { parseCompactJws } from './compact-jws.ts'
import type { SigningKey, VerifyKeys } from './keys.ts'
import { ALGORITHM, PLAN_TYPE } from './token-types.ts'

const HEADER = z.strictObject({ alg: z.literal(ALGORITHM), typ: z.literal(PLAN_TYPE), kid: z.string() })

const SIGNED = z.strictObject({
  approval: z.string().min(1),
  /** Of the request that it is a plan of. */
  digest: z.string().min(1),
  /** Whoever shows it knows what is in it; not there where none could be made. */
  plan: z.unknown().optional(),
  problem: z.string().optional(),
  bound: z.string(),
  state: z.string(),
})

/** What the broker found out about one question. */
export type SignedPlan = Readonly<z.infer<typeof SIGNED>>

/** A plan is long. */
const MOST_CHARACTERS = 1_000_000

/** Signed, so that whoever can write to the store cannot show an approver another plan. */
export async function sealPlan(plan: SignedPlan, key: SigningKey): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify(plan)))
    .setProtectedHeader({ alg: ALGORITHM, typ: PLAN_TYPE, kid: key.kid })
    .sign(key.key)
}

/** The plan that one of these keys signed, else null. */
export async function openPlan(text: string, keys: VerifyKeys): Promise<SignedPlan | null> {
  const jws = parseCompactJws(text, MOST_CHARACTERS)
  const header = HEADER.safeParse(jws?.header)
  const plan = SIGNED.safeParse(jws?.payload)
  const key = header.success ? keys.get(header.data.kid) : undefined
  if (!plan.success || key === undefined) return null
  return compactVerify(text, key, { algorithms: [ALGORITHM] }).then(
    () => plan.data,
    () => null,
  )
}
