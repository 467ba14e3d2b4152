import { createHash, randomBytes } from 'node:crypto'
import type { Policy } from '../../policy/policy.ts'
import type { Clock } from '../../support/time/clock.ts'
import type { VerifiedIdentity } from '../caller.ts'
import type { Identified } from '../identifier.ts'
import { isMeantFor } from '../issuers/issuer-of.ts'
import type { SigningKey, VerifyKeys } from '../keys/keys.ts'
import { matchPrincipal } from '../match-principal.ts'
import { openSession, type Session, sealSession } from './session.ts'
import type { SessionStore } from './session-store.ts'

interface Options {
  readonly store: SessionStore
  readonly signingKey: () => SigningKey
  readonly verifyKeys: () => VerifyKeys
  readonly clock: Clock
  /** How long one lasts, whatever happens in it. */
  readonly longestMs: number
  /** How long it may lie unused. */
  readonly idleMs: number
}

export interface Sessions {
  /** What the browser holds from now on: random, new with each sign-in, and nothing but a name for what the store has. */
  start(identity: VerifiedIdentity): Promise<string>
  find(secret: string): Promise<Session | null>
  end(secret: string): Promise<void>
}

/** Of audiences, where a token has several. */
const BETWEEN = '\n'
const SECRET = /^[\w-]{43}$/

export function sessions({ store, signingKey, verifyKeys, clock, longestMs, idleMs }: Options): Sessions {
  return {
    start: async ({ issuer, subject, claims }) => {
      const secret = random()
      const startedAt = clock()
      const session: Session = {
        id: idOf(secret),
        issuer,
        iss: String(claims['iss']),
        audience: [claims['aud']].flat().join(BETWEEN),
        subject,
        claims,
        formToken: random(),
        startedAt,
        endsAt: startedAt + longestMs,
      }
      await store.put(session.id, await sealSession(session, signingKey()), Math.min(idleMs, longestMs))
      return secret
    },
    find: async secret => {
      if (!SECRET.test(secret)) return null
      const id = idOf(secret)
      const sealed = await store.find(id, idleMs)
      const session = sealed === null ? null : await openSession(sealed, verifyKeys())
      return session !== null && session.id === id && clock() < session.endsAt ? session : null
    },
    end: async secret => {
      if (SECRET.test(secret)) await store.remove(idOf(secret))
    },
  }
}

/** Who the policy of this moment takes the session for. An issuer that it no longer has in the same words is nobody's any more. */
export function principalOf({ issuer, iss, audience, subject, claims, endsAt }: Session, policy: Policy): Identified {
  const known = policy.issuers.some(
    one => one.name === issuer && one.issuer === iss && isMeantFor(one, audience.split(BETWEEN)),
  )
  if (!known)
    return { kind: 'refused', reason: 'unknown-identity', detail: `the policy file has no issuer ${issuer} like yours` }
  return matchPrincipal({ issuer, subject, claims, expiresAt: endsAt }, policy)
}

function random(): string {
  return randomBytes(32).toString('base64url')
}

/** The store has no use for what browsers hold, so it never sees it. */
function idOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
