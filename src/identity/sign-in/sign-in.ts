import { z } from 'zod'
import type { SigningKey, VerifyKeys } from '../keys/keys.ts'
import { openSealed, seal } from '../signed/sealed.ts'
import { LOGIN_TYPE } from '../token/token-types.ts'

const ATTEMPT = z.strictObject({
  state: z.string().min(32),
  nonce: z.string().min(32),
  /** Of PKCE (RFC 7636). */
  verifier: z.string().min(43),
  /** Where to go afterwards, a path of the console. */
  to: z.string(),
  endsAt: z.int(),
})

/** What the browser that began a sign-in keeps until it comes back: no other one can end it. */
export type SignInAttempt = Readonly<z.infer<typeof ATTEMPT>>

export interface SignIn {
  /** Where the browser is sent, and what it is given to keep. */
  begin(to: string): Promise<{ readonly url: string; readonly attempt: Omit<SignInAttempt, 'endsAt'> }>
  /** The identity token for what came back; nothing of it is verified here but that it belongs to this attempt. */
  finish(query: string, attempt: SignInAttempt): Promise<string>
  /** Where the identity provider ends its own session, null when it has no such place. */
  endUrl(): Promise<string | null>
}

/** Why nobody signed in. `unavailable`: the identity provider cannot be asked; `refused`: it, or we, said no. */
export class SignInError extends Error {
  readonly code: 'unavailable' | 'refused'

  constructor(code: 'unavailable' | 'refused', message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

export function sealAttempt(attempt: SignInAttempt, key: SigningKey): Promise<string> {
  return seal(attempt, LOGIN_TYPE, key)
}

export function openAttempt(text: string, keys: VerifyKeys): Promise<SignInAttempt | null> {
  return openSealed(text, { type: LOGIN_TYPE, schema: ATTEMPT }, keys)
}
