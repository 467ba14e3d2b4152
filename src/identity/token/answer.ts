import { CompactSign, compactVerify } from 'jose'
import { z } from 'zod'
import { parseCompactJws } from './compact-jws.ts'
import type { SigningKey, VerifyKeys } from './keys.ts'
import { ALGORITHM, ANSWER_TYPE } from './token-types.ts'

const HEADER = z.strictObject({ alg: z.literal(ALGORITHM), typ: z.literal(ANSWER_TYPE), kid: z.string() })

const ANSWER = z.strictObject({
  approval: z.string().min(1),
  lease: z.string().min(1),
  agent: z.string().min(1),
  /** Of the exact request. */
  digest: z.string().min(1),
  /** SHA-256 of what the approver was shown. */
  question: z.string().min(1),
  verdict: z.enum(['approved', 'rejected']),
  by: z.string().min(1),
  /** When it was said, and until when it counts, epoch milliseconds. */
  at: z.int(),
  endsAt: z.int(),
})

/** What a person said to one approval. */
export type SignedAnswer = Readonly<z.infer<typeof ANSWER>>

/** Signed, so that whoever can write to the store cannot say yes. */
export async function sealAnswer(answer: SignedAnswer, key: SigningKey): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify(answer)))
    .setProtectedHeader({ alg: ALGORITHM, typ: ANSWER_TYPE, kid: key.kid })
    .sign(key.key)
}

/** The answer that one of these keys signed, else null. */
export async function openAnswer(text: string, keys: VerifyKeys): Promise<SignedAnswer | null> {
  const jws = parseCompactJws(text)
  const header = HEADER.safeParse(jws?.header)
  const answer = ANSWER.safeParse(jws?.payload)
  const key = header.success ? keys.get(header.data.kid) : undefined
  if (!answer.success || key === undefined) return null
  return compactVerify(text, key, { algorithms: [ALGORITHM] }).then(
    () => answer.data,
    () => null,
  )
}
