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

const levels = (count: number, to = ['b', 'c']) =>
  aPolicy({
    templates: [
      {
        ...template,
        grants: ['a', 'b'].map(agent => ({
          agent,
          namespaces: ['x'],
          delegation: { to, maxLeases: 1, levels: count },
        })),
      },
    ],
  })
const handed = (id: string, by: string, agent: string, ancestors: readonly string[]) =>
  leaseOf(template, { id, agent, issuedAt: NOW, expiresAt: NOW + 60_000, delegated: { by, issuer: 'i' }, ancestors })
const line = [
  leaseOf(template, { id: 'root', agent: 'a', issuedAt: NOW, expiresAt: NOW + 60_000 }),
  handed('to-b', 'a', 'b', ['root']),
  handed('to-c', 'b', 'c', ['root', 'to-b']),
]
const handedOn = async (policy: Policy) => {
  const ledger = {
    states: async (ids: readonly string[]) => ids.map(() => ({ kind: 'active' }) as const),
    followEnds: async () => undefined,
  }
  const findLease = async (id: string) => line.find(one => one.id === id) ?? null
  const states = await statesToday({ ledger, findLease, policy: () => policy }).states(['to-b', 'to-c'], NOW + 10_000)
  return states.map(({ kind }) => kind)
}

describe('statesToday', () => {
  test('ends what was handed on to whom, or further than, the policy says', async () => {
    expect(await handedOn(levels(2))).toEqual(['active', 'active'])
    expect(await handedOn(levels(1))).toEqual(['active', 'expired'])
    expect(await handedOn(levels(2, ['c']))).toEqual(['expired', 'expired'])
  })

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
