import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openContract, sealContract } from '../../../src/identity/signed/contract.ts'
import type { Quorum } from '../../../src/lease/questions/quorum.ts'
import { stricterTerms } from '../../../src/lease/scope/terms.ts'
import { checkPolicy, describeWarning } from '../../../src/policy/check.ts'
import { judge } from '../../../src/policy/judge/judge.ts'
import { describeProblems, parsePolicy } from '../../../src/policy/load/policy-file.ts'
import { revisionFor } from '../../../src/policy/load/revision-for.ts'
import type { Person, Policy, TaskTemplate } from '../../../src/policy/policy.ts'
import { testKeys } from '../../support/keys.ts'
import { aPolicy, aTemplate, EXAMPLE_FILE, leaseOf } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

const example = readFileSync(EXAMPLE_FILE, 'utf8')
const GROUPS = `groups:
  - name: oncall
    members: [grace@corp.example]
    issuer: corp
    claims: { groups: sre-oncall }
  - {name: security, members: [grace@corp.example]}
`
/** The example with groups, and with this in place of what its second template says of approvals. */
const file = (approval: string, groups = GROUPS) =>
  example
    .replace('templates:\n', `${groups}templates:\n`)
    .replace('      require: [pods-log]', `      require: [pods-log]\n      ${approval}`)

function parsed(text: string): Policy {
  const found = parsePolicy(text, 'policy.yaml')
  if (found.kind === 'problems') throw new Error(describeProblems(found.problems, 'policy.yaml'))
  return found.policy
}

function problemsOf(text: string): string {
  const found = parsePolicy(text, 'policy.yaml')
  return found.kind === 'problems' ? describeProblems(found.problems, 'policy.yaml') : ''
}

describe('the policy file', () => {
  test('says how many people, and of which group, for a template and for a risk', () => {
    const { groups, templates } = parsed(
      file('people: 2\n      groups: [oncall, security]\n      risks: {secrets-list: {people: 3, groups: [security]}}'),
    )
    expect(groups).toEqual([
      {
        name: 'oncall',
        members: ['grace@corp.example'],
        match: { issuer: 'corp', claims: { groups: 'sre-oncall' } },
      },
      { name: 'security', members: ['grace@corp.example'], match: null },
    ])
    expect(templates[1]?.approval).toEqual({
      skip: [],
      require: ['pods-log'],
      quorum: { people: 2, groups: [['oncall', 'security']] },
      risks: { 'secrets-list': { people: 3, groups: [['security']] } },
    })
    expect(templates[0]?.approval).toEqual({ skip: [], require: [] })
  })

  test.each([
    { name: 'nobody', approval: 'people: 0', says: 'must be a number from 1 to 5' },
    { name: 'a crowd', approval: 'people: 6', says: 'must be a number from 1 to 5' },
    { name: 'half a person', approval: 'people: 1.5', says: 'must be a whole number' },
    { name: 'an unknown group', approval: 'groups: [nobody]', says: 'names no group of this file' },
    { name: 'no group', approval: 'groups: []', says: 'must name a group' },
    { name: 'an unknown risk', approval: 'risks: {nothing: {people: 2}}', says: 'names no risk' },
    {
      name: 'what it skips',
      approval: 'skip: [secrets-get]\n      risks: {secrets-get: {people: 2}}',
      says: '"secrets-get" is also under risks',
    },
    {
      name: 'a person who is not there',
      groups: 'groups: [{name: g, members: [ada]}]\n',
      says: 'names no person of this file',
    },
    { name: 'an empty group', groups: 'groups: [{name: g}]\n', says: 'must have members, or issuer and claims' },
    {
      name: 'claims of nobody',
      groups: 'groups: [{name: g, claims: {a: b}}]\n',
      says: 'must have issuer and claims together',
    },
    {
      name: 'one name twice',
      groups: `${GROUPS}  - {name: oncall, members: [grace@corp.example]}\n`,
      says: 'is used twice',
    },
  ])('is refused where it wants $name', ({ approval = 'people: 1', groups = GROUPS, says }) => {
    expect(problemsOf(file(approval, groups))).toContain(says)
  })
})

const TWO: Quorum = { people: 2, groups: [] }
const oncall: Quorum = { people: 1, groups: [['oncall']] }
const secret = aRequest('GET /api/v1/namespaces/x/secrets/s')
const asking = (given: Partial<TaskTemplate['approval']>) =>
  aTemplate({ approval: { skip: [], require: [], ...given } })

function quorum(today: TaskTemplate, atIssue = today, request = secret): Quorum | undefined {
  const verdict = judge({ request, lease: leaseOf(atIssue), policy: aPolicy({ templates: [today] }) })
  if (verdict.kind !== 'approval') throw new Error(`it is ${verdict.kind}`)
  return verdict.quorum
}

describe('who has to say yes', () => {
  test('is any one approver where nothing is said', () => {
    expect(quorum(asking({}))).toBeUndefined()
    expect(quorum(asking({ quorum: { people: 1, groups: [] } }))).toBeUndefined()
  })

  test('is what the template says, and more where it says so of the risk', () => {
    expect(quorum(asking({ quorum: TWO }))).toEqual(TWO)
    const more = asking({ quorum: TWO, risks: { 'secrets-get': { people: 3, groups: [['security']] } } })
    expect(quorum(more)).toEqual({ people: 3, groups: [['security']] })
    expect(quorum(more, more, aRequest('GET /api/v1/namespaces/x/secrets'))).toEqual(TWO)
  })

  test('asks for what passes by itself where people are wanted for it', () => {
    const logs = aRequest('GET /api/v1/namespaces/x/pods/p/log')
    expect(quorum(asking({ risks: { 'pods-log': TWO } }), undefined, logs)).toEqual(TWO)
  })

  test('is what either says, lease or policy of today: neither lowers the other', () => {
    const [plain, two, group] = [asking({}), asking({ quorum: TWO }), asking({ quorum: oncall })]
    expect([quorum(plain, two), quorum(two, plain)]).toEqual([TWO, TWO])
    expect(quorum(two, group)).toEqual({ people: 2, groups: [['oncall']] })
    const other = asking({ quorum: { people: 1, groups: [['security']] } })
    expect(quorum(other, group)?.groups.toSorted()).toEqual([['oncall'], ['security']])
    expect(quorum(asking({ risks: { 'secrets-get': TWO } }), group)).toEqual({ people: 2, groups: [['oncall']] })
  })

  test('goes on to what a lease is narrowed to, whatever its template says', () => {
    const parent = leaseOf(asking({ quorum: TWO, risks: { exec: oncall } })).terms
    const child = stricterTerms(leaseOf(asking({})).terms, parent)
    expect(child.approval).toMatchObject({ quorum: TWO, risks: { exec: oncall } })
  })

  test('stands in the signed lease', async () => {
    const keys = await testKeys()
    const lease = leaseOf(asking({ quorum: TWO, risks: { 'secrets-get': oncall } }))
    expect(await openContract(await sealContract(lease, keys.signing), keys.verify)).toEqual(lease)
  })

  test('is bound by itself: an edit of who voids no yes that still counts', () => {
    const of = (template: TaskTemplate, given: Partial<Policy> = {}) =>
      revisionFor(aPolicy({ templates: [template], ...given }), { template: 'task', agent: 'bot' })
    const groups = [{ name: 'oncall', members: ['ada'], match: null }]
    expect(of(asking({ quorum: TWO, risks: { 'secrets-get': TWO } }), { groups })).toBe(of(asking({})))
    expect(of(asking({ require: ['pods-log'] }))).not.toBe(of(asking({})))
  })
})

describe('policy check', () => {
  const person = (name: string, given: Partial<Person> = {}): Person => ({
    name,
    match: { issuer: 'i', claims: { sub: name } },
    roles: ['approver', 'admin'],
    alsoKnownAs: [],
    ...given,
  })
  const groups = [
    { name: 'oncall', members: ['ada'], match: null },
    { name: 'claimed', members: [], match: { issuer: 'other', claims: { groups: 'x' } } },
  ]
  const warnings = (approval: Partial<TaskTemplate['approval']>, people: readonly Person[]) =>
    checkPolicy(aPolicy({ templates: [asking(approval)], people, groups }))
      .map(describeWarning)
      .filter(text => text.includes('to say yes'))

  test.each<{ name: string; approval: Partial<TaskTemplate['approval']>; people: readonly Person[] }>([
    { name: 'one approver', approval: { quorum: TWO }, people: [person('ada')] },
    {
      name: 'an admin beside them',
      approval: { quorum: TWO },
      people: [person('ada'), person('bo', { roles: ['admin'] })],
    },
    {
      name: 'one person twice',
      approval: { quorum: TWO },
      people: [person('ada'), person('bo', { alsoKnownAs: ['Ada'] })],
    },
    { name: 'nobody of the group', approval: { quorum: oncall }, people: [person('bo')] },
    {
      name: 'nobody of the issuer of a group',
      approval: { quorum: { people: 1, groups: [['claimed']] } },
      people: [person('bo')],
    },
    { name: 'one, for a risk', approval: { risks: { 'secrets-get': TWO } }, people: [person('ada')] },
  ])('warns where fewer could say yes than have to: $name', ({ approval, people }) => {
    expect(warnings(approval, people)).toEqual([
      expect.stringMatching(/^template task: wants .* for agent "bot" \d could$/),
    ])
  })

  test('counts the sponsor out', () => {
    const people = [person('ada'), person('bo')]
    expect(warnings({ quorum: TWO }, people)).toEqual([])
    const agents = aPolicy().agents.map(agent => ({ ...agent, sponsor: { kind: 'fixed' as const, name: 'bo' } }))
    const said = checkPolicy(aPolicy({ agents, people, templates: [asking({ quorum: TWO })] })).map(describeWarning)
    expect(said).toContain('template task: wants 2 people to say yes, and for agent "bot" 1 could')
  })
})
