import { hash } from 'node:crypto'
import QuickLRU from 'quick-lru'
import type { HeaderLine } from '../../request/http-request.ts'
import type { Caller } from '../caller.ts'
import type { VerifyKeys } from '../keys/keys.ts'
import { fromAuthorization } from './authorization.ts'
import { readLeaseToken } from './lease-token.ts'

/** Clocks of broker and authorizer may differ so much; more is an alarm of its own. */
const SKEW_MS = 30_000

/**
 * Who holds the lease token of a request. A signature is checked once per token: what was verified is kept by a hash of the
 * whole token and forgotten when the keys change. Its end is looked at every time.
 */
export class LeaseTokenVerifier {
  readonly #keys: () => VerifyKeys
  readonly #verified: QuickLRU<string, Caller>
  #verifiedWith: VerifyKeys

  constructor(keys: () => VerifyKeys, maxTokens = 10_000) {
    this.#keys = keys
    this.#verified = new QuickLRU({ maxSize: maxTokens })
    this.#verifiedWith = keys()
  }

  async identify(headers: readonly HeaderLine[], now: number): Promise<Caller> {
    const authorization = fromAuthorization(headers)
    return authorization.kind === 'token' ? this.verify(authorization.token, now) : authorization
  }

  async verify(token: string, now: number): Promise<Caller> {
    const caller = await this.#read(token)
    if (caller.kind === 'lease' && caller.tokenExpiresAt <= now) {
      return { kind: 'none', reason: 'token-expired', detail: '' }
    }
    if (caller.kind === 'lease' && caller.tokenIssuedAt > now + SKEW_MS) {
      return { kind: 'none', reason: 'bad-token', detail: 'it was issued in the future' }
    }
    return caller
  }

  async #read(token: string): Promise<Caller> {
    const keys = this.#keys()
    if (keys !== this.#verifiedWith) {
      this.#verified.clear()
      this.#verifiedWith = keys
    }
    const id = hash('sha256', token, 'base64')
    const known = this.#verified.get(id)
    if (known !== undefined) return known
    const caller = await readLeaseToken(token, keys)
    // Bad tokens are not kept, or strangers could push out good ones; nor is a reading that a change of keys overtook.
    if (caller.kind === 'lease' && keys === this.#verifiedWith) this.#verified.set(id, caller)
    return caller
  }
}
