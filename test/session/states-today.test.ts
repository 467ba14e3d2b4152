import { describe, expect, test } from 'vitest'
import type { Policy } from '../../src/policy/policy.ts'
import { statesToday } from '../../src/session/states-today.ts'
import { aPolicy, aTemplate, leaseOf } from '../policy/a-policy.ts'

const NOW = 1_000_000
const template = aTemplate({ maxTtlMs: 60_000 })
const lease = leaseOf(template, { agent: 'bot', issuedAt: NOW, expiresAt: NOW + 60_000 })

const standing = async (policy: Policy, now = NOW + 10_000) => {
  const ledger = { states: async () => [{ kind: 'active' } as const], followEnds: async () => undefined }
  const today = statesToday({ ledger, findLease: async () => lease, policy: () => policy })
  return (await today.states([lease.id], now))[0]?.kind
}

describe('statesToday', () => {
  test('lets be what the policy still grants', async () => {
    expect(await standing(aPolicy({ templates: [template] }))).toBe('active')
  })

  test.each([
    { name: 'a template that is gone', policy: aPolicy({ templates: [] }) },
    { name: 'an agent that has it no longer', policy: aPolicy({ templates: [{ ...template, grants: [] }] }) },
    { name: 'a shorter longest time', policy: aPolicy({ templates: [{ ...template, maxTtlMs: 5000 }] }) },
  ])('ends with $name', async ({ policy }) => {
    expect(await standing(policy)).toBe('expired')
  })
})
