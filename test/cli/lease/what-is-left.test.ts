import { describe, expect, test } from 'vitest'
import type { ShownLease } from '../../../src/cli/lease/shown-lease.ts'
import { whatIsLeft } from '../../../src/cli/lease/what-is-left.ts'
import { NO_TERMS } from '../../../src/lease/scope/terms.ts'
import { aLease } from '../../lease/a-lease.ts'
import { aRule } from '../../policy/a-policy.ts'

const NOW = Date.now()
const { scope: _, ...rule } = aRule({ verbs: ['patch'], apiGroups: ['apps'], resources: ['deployments'] })

function said(given: Partial<ShownLease> = {}): string {
  const lease = aLease({
    id: 'lse_1',
    issuedAt: NOW,
    expiresAt: NOW + 600_000,
    scope: [{ ...rule, namespaces: ['shop'], resourceNames: ['web'], fields: ['spec.replicas'] }],
  })
  return whatIsLeft({ ...lease, state: { kind: 'active' }, taken: {}, ...given } as ShownLease, NOW).join('\n')
}

describe('whatIsLeft', () => {
  test('says what may be done, for how long, and how often', () => {
    const text = said({
      budgets: { requests: 10, deletes: 2, mutations: 3, requestsPerSecond: 5 },
      taken: { requests: 4, deletes: 2, mutations: 3 },
      terms: { ...NO_TERMS, watched: ['exec'], askBeyond: ['mutations', 'requests'] },
    })
    expect(text).toBe(
      [
        'for 10m more it',
        '  may patch deployments web in shop, only spec.replicas',
        'exec only while an approver watches',
        '6 of 10 requests are left, then a person is asked',
        'nothing is left of mutations: what takes of it waits for an approver',
        'nothing is left of deletes: what takes of it is refused',
        '5 requests within a second',
        'what is risky waits for an approver, and RBAC decides behind the boundary',
      ].join('\n'),
    )
  })

  test.each([
    { state: { kind: 'revoked', by: 'root', reason: 'enough', at: NOW }, says: 'it was revoked by root: enough' },
    {
      state: { kind: 'frozen', by: 'root', reason: '', at: NOW },
      says: 'it is frozen by root, until an admin thaws it',
    },
    { state: { kind: 'expired' }, says: 'it ended at ' },
  ] as const)('says that it is over: $says', ({ state, says }) => {
    expect(said({ state })).toContain(`nothing can be done under lse_1: ${says}`)
  })

  test('shows what a terminal would obey as what it is', () => {
    expect(said({ state: { kind: 'revoked', by: '\u001b[2J', reason: '', at: NOW } })).not.toContain('\u001b')
  })
})
