import { expect } from 'vitest'
import { jwtIdentifier } from '../../../src/identity/jwt-identifier.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import { TestIssuer } from '../../support/issuer.ts'
import { aPolicy } from '../a-policy.ts'

/** An issuer, a policy with one agent of it, and what comes of tokens. */
export async function anIdentifier() {
  const clock = { now: Date.now }
  const corp = await TestIssuer.create()
  const policy: Policy = aPolicy({
    issuers: [corp.issuer],
    agents: [
      {
        name: 'web-operator',
        match: { issuer: 'corp', claims: { sub: 'agent-7' } },
        sponsor: { kind: 'fixed', name: 'ada@corp.example' },
      },
    ],
  })

  const identify = (token: string, of: Policy = policy) =>
    jwtIdentifier({ policy: () => of, clock: () => clock.now(), onUnavailable: () => {} }).identify(token)

  async function expectRefused(token: string, reason = 'bad-token') {
    expect(await identify(token)).toMatchObject({ kind: 'refused', reason })
  }

  return { clock, corp, policy, identify, expectRefused }
}
