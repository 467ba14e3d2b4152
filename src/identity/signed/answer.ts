import { z } from 'zod'
import type { SigningKey, VerifyKeys } from '../keys/keys.ts'
import { ANSWER_TYPE } from '../token/token-types.ts'
import { openSealed, seal } from './sealed.ts'

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
  /** What has to be there: words of `uid` or `uid@resourceVersion`, `none`; '' where that is anything. */
  bound: z
    .string()
    .max(4096)
    .regex(/^[!-~ ]*$/)
    .optional(),
  /** Hash of what the plan showed, '' where there was none: several yeses are to the same, or they do not add up. */
  seen: z.string().max(64).optional(),
  /** Where several people or some of a group are wanted, what tells this one from others: see approval/people. */
  issuer: z.string().max(256).optional(),
  names: z.array(z.string().max(512)).max(16).optional(),
  groups: z.array(z.string().max(64)).max(64).optional(),
  /** In their own words. */
  why: z.string().max(2048).optional(),
  /** Of the verb on the object, where the yes is for every such request until the lease ends; not there where it is for this one. */
  lasting: z.string().min(1).max(64).optional(),
  /** When it was said, and until when it counts, epoch milliseconds. */
  at: z.int(),
  endsAt: z.int(),
})

/** What a person said to one approval. */
export type SignedAnswer = Readonly<z.infer<typeof ANSWER>>

/** Signed, so that whoever can write to the store cannot say yes. */
export function sealAnswer(answer: SignedAnswer, key: SigningKey): Promise<string> {
  return seal(answer, ANSWER_TYPE, key)
}

/** The answer that one of these keys signed, else null. */
export function openAnswer(text: string, keys: VerifyKeys): Promise<SignedAnswer | null> {
  return openSealed(text, { type: ANSWER_TYPE, schema: ANSWER }, keys)
}
