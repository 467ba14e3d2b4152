import { describe, expect, test } from 'vitest'
import type { VerifiedIdentity } from '../../src/identity/caller.ts'
import { matchPrincipal } from '../../src/identity/match-principal.ts'
import type { Agent, Person } from '../../src/policy/policy.ts'
import { aPolicy } from './a-policy.ts'

const agent = (name: string, claims: Record<string, string>, sponsor: Agent['sponsor'] = fixed('ada')): Agent => ({
  name,
  match: { issuer: 'corp', claims },
  sponsor,
})
const person = (name: string, claims: Record<string, string>): Person => ({
  name,
  match: { issuer: 'corp', claims },
  roles: ['approver'],
  alsoKnownAs: [],
})
const fixed = (name: string): Agent['sponsor'] => ({ kind: 'fixed', name })
const someone = (claims: Record<string, unknown>, issuer = 'corp'): VerifiedIdentity => ({
  issuer,
  subject: 'someone',
  claims,
  expiresAt: 0,
})

describe('matchPrincipal', () => {
  test('every named claim must fit', () => {
    const policy = aPolicy({ agents: [agent('web', { sub: 'web', env: 'prod' })] })
    expect(matchPrincipal(someone({ sub: 'web', env: 'prod' }), policy)).toMatchObject({ principal: { agent: 'web' } })
    expect(matchPrincipal(someone({ sub: 'web', env: 'test' }), policy)).toMatchObject({ reason: 'unknown-identity' })
    expect(matchPrincipal(someone({ sub: 'web' }), policy)).toMatchObject({ reason: 'unknown-identity' })
  })

  test('a match without claims is nobody, not everybody', () => {
    const policy = aPolicy({ agents: [agent('web', {})] })
    expect(matchPrincipal(someone({ sub: 'web' }), policy)).toMatchObject({ reason: 'unknown-identity' })
  })

  test('the same claims from another issuer are nobody', () => {
    const policy = aPolicy({ agents: [agent('web', { sub: 'web' })] })
    expect(matchPrincipal(someone({ sub: 'web' }, 'other'), policy)).toMatchObject({ reason: 'unknown-identity' })
  })

  test.each([
    ['another case', 'GRACE@corp.example'],
    ['an accent', 'grace\u0301@corp.example'],
    ['a dot at the end', 'grace@corp.example.'],
    ['a second address', 'evil@x@grace@corp.example'],
    ['a space', ' grace@corp.example'],
    ['a list', ['grace@corp.example']],
    ['an object', { toString: 'grace@corp.example' }],
  ])('%s is somebody else', (_, email) => {
    const policy = aPolicy({ people: [person('grace', { email: 'grace@corp.example' })] })
    expect(matchPrincipal(someone({ email }), policy)).toMatchObject({ reason: 'unknown-identity' })
  })

  test('email_verified: true in a token is "true" in the policy', () => {
    const policy = aPolicy({ people: [person('grace', { email: 'g', email_verified: 'true' })] })
    expect(matchPrincipal(someone({ email: 'g', email_verified: true }), policy)).toMatchObject({ kind: 'principal' })
    expect(matchPrincipal(someone({ email: 'g', email_verified: false }), policy)).toMatchObject({ kind: 'refused' })
  })

  test('who fits two agents is neither', () => {
    const policy = aPolicy({ agents: [agent('a', { sub: 'x' }), agent('b', { team: 'y' })] })
    expect(matchPrincipal(someone({ sub: 'x', team: 'y' }), policy)).toMatchObject({ reason: 'ambiguous-identity' })
  })

  test('an approver is never an agent', () => {
    const policy = aPolicy({ agents: [agent('a', { sub: 'x' })], people: [person('grace', { email: 'g' })] })
    expect(matchPrincipal(someone({ sub: 'x', email: 'g' }), policy)).toMatchObject({ reason: 'ambiguous-identity' })
  })

  test('a sponsor comes out of the claim that names one', () => {
    const policy = aPolicy({ agents: [agent('a', { sub: 'x' }, { kind: 'claim', claim: 'act.sub' })] })
    expect(matchPrincipal(someone({ sub: 'x', act: { sub: 'ada' } }), policy)).toMatchObject({
      principal: { sponsor: 'ada' },
    })
  })

  test.each([undefined, '', 7, ['ada'], 'a\nb', 'a\u202eb', 'x'.repeat(300)])('sponsor %j is none', sub => {
    const policy = aPolicy({ agents: [agent('a', { sub: 'x' }, { kind: 'claim', claim: 'act.sub' })] })
    expect(matchPrincipal(someone({ sub: 'x', act: { sub } }), policy)).toMatchObject({ kind: 'refused' })
  })

  describe('a token by which somebody acts for its subject', () => {
    const chain = {
      sub: 'grace',
      act: { sub: 'web', iss: 'https://sts', act: { sub: 'planner', act: { sub: 'front' } } },
    }

    test('is never the person for whom they act', () => {
      const policy = aPolicy({ people: [person('grace', { sub: 'grace' })] })
      expect(matchPrincipal(someone({ sub: 'grace' }), policy)).toMatchObject({ kind: 'principal' })
      expect(matchPrincipal(someone(chain), policy)).toMatchObject({
        reason: 'unknown-identity',
        detail: expect.stringContaining('(act)'),
      })
    })

    test('is no agent that is registered by the subject alone', () => {
      const policy = aPolicy({ agents: [agent('web', { sub: 'grace' })] })
      expect(matchPrincipal(someone(chain), policy)).toMatchObject({ reason: 'unknown-identity' })
    })

    test('is the agent that is registered as the one who acts, with the whole chain', () => {
      const policy = aPolicy({ agents: [agent('web', { 'act.sub': 'web' }, { kind: 'claim', claim: 'sub' })] })
      expect(matchPrincipal(someone(chain), policy)).toMatchObject({
        principal: {
          agent: 'web',
          sponsor: 'grace',
          actors: [{ subject: 'web', issuer: 'https://sts' }, { subject: 'planner' }, { subject: 'front' }],
        },
      })
      expect(matchPrincipal(someone({ ...chain, act: { sub: 'planner', act: { sub: 'web' } } }), policy)).toMatchObject(
        {
          reason: 'unknown-identity',
        },
      )
    })

    const deep = (levels: number): object => (levels === 0 ? { sub: 'last' } : { sub: 'x', act: deep(levels - 1) })
    test.each([
      'web',
      null,
      [],
      [{ sub: 'web' }],
      {},
      { sub: 7 },
      { sub: '' },
      { sub: 'a\nb' },
      { sub: 'web', iss: 7 },
      { sub: 'web', act: 'planner' },
      { sub: 'web', act: { act: { sub: 'front' } } },
      deep(8),
      deep(3000),
    ])('is nobody with the chain %j', act => {
      const policy = aPolicy({ agents: [agent('web', { sub: 'grace' }), agent('other', { 'act.sub': 'web' })] })
      expect(matchPrincipal(someone({ sub: 'grace', act }), policy)).toMatchObject({ reason: 'bad-token' })
    })
  })

  describe('a sponsor who has to be a person of the policy', () => {
    const by = (claim: string): Agent['sponsor'] => ({ kind: 'claim', claim, person: true })
    const grace: Person = { ...person('grace@corp.example', { oid: 'g-1' }), alsoKnownAs: ['grace.h'] }
    const sponsorOf = (claims: Record<string, unknown>, people: readonly Person[] = [grace], claim = 'for') =>
      matchPrincipal(someone({ act: { sub: 'web' }, ...claims }), {
        ...aPolicy({ people }),
        agents: [agent('web', { 'act.sub': 'web' }, by(claim))],
      })

    test.each([
      { name: 'by name', claims: { for: 'grace@corp.example' } },
      { name: 'by another name', claims: { for: 'grace.h' } },
    ])('is called as there, $name', ({ claims }) => {
      expect(sponsorOf(claims)).toMatchObject({ principal: { sponsor: 'grace@corp.example' } })
    })

    test('is called as there by what its own tokens of that issuer would say', () => {
      expect(
        sponsorOf(
          { oid: 'g-1', tid: 't', act: { sub: 'web' } },
          [{ ...grace, match: { issuer: 'corp', claims: { oid: 'g-1', tid: 't' } } }],
          'oid',
        ),
      ).toMatchObject({
        principal: { sponsor: 'grace@corp.example' },
      })
      const elsewhere = { ...grace, match: { issuer: 'other', claims: { oid: 'g-1' } } }
      expect(sponsorOf({ oid: 'g-1' }, [elsewhere], 'oid')).toMatchObject({ reason: 'unknown-identity' })
    })

    test('is nobody by one claim where the policy knows the person by more', () => {
      const match = { issuer: 'corp', claims: { oid: 'g-1', tid: 't' }, contains: { groups: 'sre' } }
      const whole = { oid: 'g-1', tid: 't', groups: ['sre'] }
      const someone = (claims: object, claim = 'oid') => sponsorOf({ ...claims }, [{ ...grace, match }], claim)
      expect(someone(whole)).toMatchObject({ principal: { sponsor: 'grace@corp.example' } })
      for (const other of [{ tid: 'u' }, { tid: undefined }, { groups: ['dev'] }, { groups: 'sre' }])
        expect(someone({ ...whole, ...other })).toMatchObject({ reason: 'unknown-identity' })
      expect(someone({ ...whole, for: { oid: 'g-1' } }, 'for.oid')).toMatchObject({ reason: 'unknown-identity' })
      expect(someone({ for: whole }, 'for.oid')).toMatchObject({ principal: { sponsor: 'grace@corp.example' } })
    })

    test.each(['ada', 'Grace.h', 'grace.h ', '', undefined])('is nobody as %j, and then the agent neither', named => {
      expect(sponsorOf({ for: named })).toMatchObject({
        reason: 'unknown-identity',
        detail: expect.stringContaining('sponsor'),
      })
    })

    test('is nobody where two are called so', () => {
      const twin = { ...person('other', { sub: 'x' }), alsoKnownAs: ['grace.h'] }
      expect(sponsorOf({ for: 'grace.h' }, [grace, twin])).toMatchObject({
        detail: expect.stringContaining('more than one'),
      })
    })
  })

  test('a service account is found by its subject and by its nested claims alike', () => {
    const claims = {
      sub: 'system:serviceaccount:agents:web',
      'kubernetes.io': { namespace: 'agents', serviceaccount: { name: 'web', uid: 'u' } },
    }
    const bySubject = aPolicy({ agents: [agent('web', { sub: 'system:serviceaccount:agents:web' })] })
    const byClaims = aPolicy({
      agents: [agent('web', { 'kubernetes.io.namespace': 'agents', 'kubernetes.io.serviceaccount.name': 'web' })],
    })
    expect(matchPrincipal(someone(claims), bySubject)).toMatchObject({ principal: { agent: 'web' } })
    expect(matchPrincipal(someone(claims), byClaims)).toMatchObject({ principal: { agent: 'web' } })
  })
})
