import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toAnswer } from '../../../src/authorizer/answer/to-answer.ts'
import { fromStruct, type Struct } from '../../../src/envoy/struct.ts'
import { toCheckResponse } from '../../../src/envoy/to-check-response.ts'
import * as word from '../../../src/policy/file/values/words.ts'
import { EXTRA_KEYS } from '../../../src/policy/rbac/identity.ts'
import { aLease } from '../../lease/a-lease.ts'
import { aRequest } from '../../policy/a-request.ts'

const NOW = Date.parse('2026-09-01T10:00:00Z')
const request = aRequest('GET /api/v1/namespaces/shop/pods')

/** What the allowing answer carries of a lease. */
function carried(given: Partial<Parameters<typeof aLease>[0]>) {
  const lease = aLease({ issuedAt: NOW, expiresAt: NOW + 60_000, ...given })
  const key = { auditId: 'a', decidedAt: NOW, agent: lease.agent, lease: lease.id }
  const response = toCheckResponse(toAnswer({ kind: 'allow', key, lease, request }))
  return fromStruct((response as { readonly dynamic_metadata: Struct }).dynamic_metadata)
}

describe('every sponsor that the policy takes', () => {
  const unit = fc.integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))
  const sponsor = fc
    .oneof(fc.string({ unit, maxLength: 20 }), fc.string({ maxLength: 300 }))
    .filter(name => word.sponsorName.safeParse(name).success)

  test('is carried as one line of printable ASCII, and comes back as it was', () => {
    fc.assert(
      fc.property(sponsor, name => {
        const line = carried({ sponsor: name })['sponsor']
        return (
          typeof line === 'string' &&
          /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(line) &&
          decodeURIComponent(line) === name
        )
      }),
      { numRuns: 1000 },
    )
  })

  test.each([
    ['ada@corp.example', 'ada@corp.example'],
    ['José Núñez', 'Jos%C3%A9 N%C3%BA%C3%B1ez'],
    ['100% Ada', '100%25 Ada'],
    ['עדה לאבלייס', encodeURIComponent('עדה לאבלייס').replace('%20', ' ')],
    ['👩🏽 Ada', '%F0%9F%91%A9%F0%9F%8F%BD Ada'],
  ])('%s travels as %s', (name, want) => {
    expect(carried({ sponsor: name })['sponsor']).toBe(want)
  })

  test.each(['', ' ', '\u200b', 'a\nb', 'a\u202eb', 'a\ud800', 'x'.repeat(257), '\u3164'])('%j is no name', name => {
    expect(word.sponsorName.safeParse(name).success).toBe(false)
  })
})

describe('every agent and template that the policy takes', () => {
  test('is carried', () => {
    const name = fc.stringMatching(/^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/)
    fc.assert(
      fc.property(name, name, (agent, template) => {
        if (!word.name.safeParse(agent).success || !word.name.safeParse(template).success) return false
        const lines = carried({ agent, template })
        return lines['user'] === `leasegate:${agent}` && lines['group1'] === `leasegate:task:${template}`
      }),
    )
    expect(Object.keys(EXTRA_KEYS)).toEqual(['lease', 'task', 'sponsor', 'bound', 'terms'])
  })
})
