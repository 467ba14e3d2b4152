import { z } from 'zod'
import type { SigningKey, VerifyKeys } from '../keys/keys.ts'
import { openSealed, seal } from '../signed/sealed.ts'
import { SESSION_TYPE } from '../token/token-types.ts'

const SESSION = z.strictObject({
  /** SHA-256 of what the browser holds, hex: a session put under another one's place is none. */
  id: z.string().length(64),
  /** Name of the issuer in the policy file, and what the token said of itself: an issuer that is described otherwise later ends it. */
  issuer: z.string().min(1),
  iss: z.string().min(1),
  audience: z.string().min(1),
  subject: z.string().min(1),
  /** Of the verified token. Who this is, and with which roles, is asked of the policy at each use. */
  claims: z.record(z.string(), z.unknown()),
  /** Comes with every form. */
  formToken: z.string().min(32),
  /** Epoch milliseconds, like the end. */
  startedAt: z.int(),
  endsAt: z.int(),
})

/** Somebody who signed in with a browser. */
export type Session = Readonly<z.infer<typeof SESSION>>

/** As long as a token may be, and what is added to its claims. */
const MOST_CHARACTERS = 24_576

/** Signed, so that whoever can write to the store cannot sign in as somebody. */
export function sealSession(session: Session, key: SigningKey): Promise<string> {
  return seal(session, SESSION_TYPE, key)
}

export function openSession(text: string, keys: VerifyKeys): Promise<Session | null> {
  return openSealed(text, { type: SESSION_TYPE, schema: SESSION, longest: MOST_CHARACTERS }, keys)
}
