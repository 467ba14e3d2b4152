import type { BrokerConfig } from '../../config/roles.ts'
import type { SigningKey, VerifyKeys } from '../../identity/keys/keys.ts'
import { oidcSignIn } from '../../identity/sign-in/oidc-sign-in.ts'
import { sessions } from '../../identity/sign-in/sessions.ts'
import { openAttempt, sealAttempt } from '../../identity/sign-in/sign-in.ts'
import type { Policy } from '../../policy/policy.ts'
import type { RedisLink } from '../../redis/connect/connect-redis.ts'
import type { Logger } from '../../support/logger.ts'
import type { Clock } from '../../support/time/clock.ts'
import type { ConsoleParts } from './console-parts.ts'
import { openDoctor } from './doctor/open-doctor.ts'
import type { ConsoleRecord } from './record/record.ts'
import { RedisSessionStore } from './sign-in/redis-session-store.ts'
import { CALLBACK } from './sign-in/sign-in-routes.ts'

interface Behind {
  readonly signing: { readonly current: SigningKey }
  readonly verify: { readonly current: VerifyKeys }
  readonly policy: { current(): Policy }
  readonly link: RedisLink
  readonly record: ConsoleRecord | null
  readonly log: Logger
  readonly clock: Clock
}

/** Null without LEASEGATE_CONSOLE_URL. Throws when nobody could ever sign in. */
export function openConsole(
  config: BrokerConfig,
  { signing, verify, policy, link, record, log, clock }: Behind,
): ConsoleParts | null {
  const { consoleUrl, consoleIssuer: issuer, consoleClientId: clientId, consoleSession, consoleIdle } = config
  if (consoleUrl === null) return null
  if (issuer === null) throw new Error('with LEASEGATE_CONSOLE_URL it needs LEASEGATE_CONSOLE_ISSUER')
  const known = policy.current().issuers.some(one => one.issuer === issuer && one.audience === clientId)
  if (!known)
    log.warn({ issuer, clientId }, 'the policy file has no issuer of this name and audience: nobody can sign in')
  const signIn = oidcSignIn({
    issuer,
    issuerCaFile: config.consoleIssuerCaFile,
    clientId,
    clientSecretFile: config.consoleClientSecretFile,
    scopes: config.consoleScopes,
    redirectUri: `${consoleUrl}${CALLBACK}`,
  })
  return {
    origin: consoleUrl,
    signIn,
    sessions: sessions({
      store: new RedisSessionStore(link),
      signingKey: () => signing.current,
      verifyKeys: () => verify.current,
      clock,
      longestMs: consoleSession,
      idleMs: consoleIdle,
    }),
    sessionMs: consoleSession,
    sealAttempt: attempt => sealAttempt(attempt, signing.current),
    openAttempt: text => openAttempt(text, verify.current),
    record,
    doctor: openDoctor(config, { link, record, policy: () => policy.current(), clock }),
  }
}
