import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Approval } from '../../../src/approval/approval.ts'
import { isSameName } from '../../../src/approval/people/person-names.ts'
import { mayAnswer } from '../../../src/broker/approvals/may-answer.ts'
import type { Principal } from '../../../src/identity/caller.ts'
import type { Agent, Person } from '../../../src/policy/policy.ts'

const byClaim: Agent['sponsor'] = { kind: 'claim', claim: 'email' }
const fixed = (name: string): Agent['sponsor'] => ({ kind: 'fixed', name })

const agent = (sponsor: Agent['sponsor'], issuer = 'corp'): Agent => ({
  name: 'bot',
  match: { issuer, claims: { sub: 'bot' } },
  sponsor,
})
const person = (name: string, alsoKnownAs: readonly string[] = []): Person => ({
  name,
  match: { issuer: 'corp', claims: { sub: `${name}-4711` } },
  roles: ['approver'],
  alsoKnownAs,
})

interface Given {
  readonly sponsor: string
  readonly named?: Agent['sponsor']
  readonly agentIssuer?: string
  readonly people?: readonly Person[]
  readonly claims?: Record<string, unknown>
}

/** What ada is told who brings a token of these claims. */
function asAda({ sponsor, named = byClaim, agentIssuer, people = [person('ada')], claims = {} }: Given): string {
  const identity = { issuer: 'corp', subject: 'ada-4711', claims: { sub: 'ada-4711', ...claims }, expiresAt: 0 }
  const principal: Principal = { kind: 'person', name: 'ada', roles: ['approver'], identity }
  const approval = { agent: 'bot', question: { sponsor } } as Approval
  const may = mayAnswer(principal, approval, { agents: [agent(named, agentIssuer)], people })
  return may.kind === 'yes' ? 'yes' : may.message
}

/** Whose own tokens have an address. */
const graceOf = (alsoKnownAs: readonly string[]): Person => ({
  ...person('grace', alsoKnownAs),
  match: { issuer: 'corp', claims: { sub: 'grace-4712', email: 'g@x' } },
})

const OWN = 'you are the sponsor'
const UNCLEAR = 'nobody can tell whether you are the sponsor'

describe('mayAnswer: the sponsor is kept out, whatever token they bring', () => {
  const ada = 'ada@corp.example'
  test.each<Given & { name: string; says: string }>([
    { name: 'with the claim', sponsor: ada, claims: { email: ada }, says: OWN },
    { name: 'without it', sponsor: ada, says: UNCLEAR },
    { name: 'with a claim that is no text', sponsor: ada, claims: { email: [ada] }, says: UNCLEAR },
    { name: 'by another claim', sponsor: ada, claims: { upn: ada }, says: OWN },
    { name: 'by the subject', sponsor: 'ADA-4711', says: OWN },
    { name: 'by the name in the policy', sponsor: 'Ada', says: OWN },
    { name: 'by an alias', sponsor: ada, people: [person('ada', [ada])], says: OWN },
    { name: 'by an alias in another case', sponsor: 'Ada@Corp.Example', people: [person('ada', [ada])], says: OWN },
    { name: 'in wide letters', sponsor: 'ａｄａ@corp.example', claims: { email: ada }, says: OWN },
    { name: 'with a joiner inside', sponsor: ada, claims: { email: 'a\u034fda@corp.example' }, says: OWN },
    {
      name: 'with a sharp s',
      sponsor: 'STRASSE@corp.example',
      claims: { email: 'straße@corp.example' },
      says: OWN,
    },
    {
      name: 'at another issuer, where mail addresses may be others',
      sponsor: 'ada.l@agents.example',
      agentIssuer: 'agents',
      claims: { email: ada },
      says: UNCLEAR,
    },
    { name: 'by an alias of another kind', sponsor: ada, people: [person('ada', ['ada.l'])], says: UNCLEAR },
    { name: 'named by the policy, with a bare token', sponsor: ada, named: fixed(ada), says: UNCLEAR },
    {
      name: 'named by the policy, with their mail',
      sponsor: ada,
      named: fixed(ada),
      claims: { email: ada },
      says: OWN,
    },
  ])('$name', ({ says, ...given }) => {
    expect(asAda(given)).toContain(says)
  })

  test.each<Given & { name: string; says: string }>([
    {
      name: 'by an address that only the policy has for the sponsor',
      sponsor: 'grace',
      claims: { email: 'Grace@corp.example' },
      says: OWN,
    },
    { name: 'whom the policy names', sponsor: 'grace', named: fixed('grace'), claims: { upn: 'grace.h' }, says: OWN },
    {
      name: 'by the claim that the policy knows the sponsor by',
      sponsor: 'grace',
      claims: { email: 'g@x' },
      says: OWN,
    },
    {
      name: 'by an alias that they share with the sponsor',
      sponsor: 'grace',
      people: [person('ada', ['grace.h']), graceOf(['grace.h'])],
      says: OWN,
    },
    {
      name: 'by an account that shares a name with a second one of the sponsor',
      sponsor: 'grace',
      people: [person('ada'), graceOf(['grace.h']), person('grace-old', ['grace.h', 'ghopper@corp.example'])],
      claims: { email: 'ghopper@corp.example' },
      says: OWN,
    },
  ])('by a second account of theirs, $name', ({ says, ...given }) => {
    const people = given.people ?? [person('ada'), graceOf(['grace@corp.example', 'grace.h'])]
    expect(asAda({ named: { ...byClaim, person: true }, ...given, people })).toContain(says)
  })

  test('where a token of the agent names them under act, and their own at its top', () => {
    const named: Agent['sponsor'] = { kind: 'claim', claim: 'act.oid' }
    const own = { sponsor: 'o-1', named, people: [person('ada', ['ada.old'])] }
    expect(asAda({ ...own, claims: { oid: 'o-1' } })).toContain(OWN)
    const inPolicy = { ...person('ada', ['ada.old']), match: { issuer: 'corp', claims: { oid: 'o-1' } } }
    expect(asAda({ ...own, people: [inPolicy] })).toContain(OWN)
    expect(asAda({ ...own, people: [person('ada'), graceOf(['o-2'])], sponsor: 'o-2', claims: { oid: 'o-1' } })).toBe(
      'yes',
    )
  })

  test('says which claim is missing, and how to mend it', () => {
    expect(asAda({ sponsor: ada })).toMatch(/no claim "email" of issuer corp.*alsoKnownAs of ada/)
  })
})

describe('mayAnswer: somebody else answers', () => {
  const grace = 'grace@corp.example'
  test.each<Given & { name: string }>([
    { name: 'told apart by the claim', sponsor: grace, claims: { email: 'ada@corp.example' } },
    { name: 'told apart by an alias', sponsor: grace, people: [person('ada', ['ada@corp.example'])] },
    {
      name: 'when the sponsor is somebody else of the policy',
      sponsor: grace,
      people: [person('ada'), person('g', [grace])],
    },
    { name: 'when nobody sponsors', sponsor: '' },
    { name: 'by a plain name, where the policy names sponsors so', sponsor: 'grace', named: fixed('grace') },
    {
      name: 'by mail, where the policy names sponsors so',
      sponsor: grace,
      named: fixed(grace),
      claims: { email: 'a@b' },
    },
  ])('$name', ({ name: _, ...given }) => {
    expect(asAda(given)).toBe('yes')
  })
})

describe('isSameName', () => {
  test('no case, form or blank makes another person of somebody', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 })
    fc.assert(
      fc.property(name, text => {
        for (const other of [text.toUpperCase(), text.normalize('NFD'), text.normalize('NFKC'), ` ${text}\u200b `])
          if (!isSameName(text, other)) return false
        return true
      }),
    )
  })
})
