import { describe, expect, test } from 'vitest'
import type { Lease } from '../../../src/lease/lease.ts'
import { checkPolicy, describeWarning } from '../../../src/policy/check.ts'
import { judge } from '../../../src/policy/judge/judge.ts'
import { describeProblems, parsePolicy } from '../../../src/policy/load/policy-file.ts'
import { revisionFor } from '../../../src/policy/load/revision-for.ts'
import type { Delegation, Grant } from '../../../src/policy/policy.ts'
import { replay } from '../../../src/policy/replay/replay.ts'
import { grantOf, handedTooFar } from '../../../src/policy/template/delegation.ts'
import { waysIn } from '../../../src/policy/template/ways-in.ts'
import { anHttpRequest } from '../../request/a-http-request.ts'
import { aPolicy, aTemplate, leaseOf } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'
import { recorded } from '../replay/a-recorded.ts'

const TO_B: Delegation = { to: ['b'], maxLeases: 1, levels: 1 }
const policyOf = (...grants: Grant[]) => aPolicy({ templates: [aTemplate({ grants })] })
const a = (delegation?: Delegation): Grant => ({ agent: 'a', namespaces: ['x'], ...(delegation && { delegation }) })
const b = (delegation?: Delegation): Grant => ({ agent: 'b', namespaces: ['x'], ...(delegation && { delegation }) })

const root = leaseOf(aTemplate(), { id: 'root', agent: 'a' })
const toB = leaseOf(aTemplate(), { id: 'to-b', agent: 'b', delegated: { by: 'a', issuer: 'i' }, ancestors: ['root'] })
const toC: Lease = { ...toB, id: 'to-c', agent: 'c', delegated: { by: 'b', issuer: 'i' }, ancestors: ['root', 'to-b'] }
const request = aRequest('GET /api/v1/namespaces/x/pods/p')
const reason = (policy: ReturnType<typeof policyOf>, lease: Lease, above: readonly Lease[]) => {
  const verdict = judge({ request, lease, above, policy })
  return verdict.kind === 'deny' ? `${verdict.reason}: ${verdict.detail}` : verdict.kind
}

describe('grantOf', () => {
  test('is the giver’s, while it says so', () => {
    expect(grantOf(policyOf(a(TO_B)), toB)?.grant.agent).toBe('a')
    for (const policy of [policyOf(a()), policyOf(a({ ...TO_B, to: ['c'] })), policyOf(b()), policyOf()])
      expect(grantOf(policy, toB)).toBeNull()
  })

  test('is one’s own of what one asked for itself, whatever is handed', () => {
    expect(grantOf(policyOf(a(TO_B), b()), root)?.grant.agent).toBe('a')
    const { delegated: _, ...own } = toB
    expect(grantOf(policyOf(a(TO_B)), own)).toBeNull()
  })
})

describe('handedTooFar', () => {
  test('each grant on the way has to leave room for all below it', () => {
    const line = [root, toB, toC]
    const levels = (ofA: number, ofB: number) =>
      handedTooFar(policyOf(a({ ...TO_B, levels: ofA }), b({ to: ['c'], maxLeases: 1, levels: ofB })), line)?.id ?? null
    expect([levels(1, 1), levels(1, 3), levels(2, 1), levels(3, 3)]).toEqual(['to-b', 'to-b', null, null])
  })
})

describe('judge', () => {
  test('a lease that was handed on is judged by who gave it, and by all above', () => {
    expect(reason(policyOf(a(TO_B)), toB, [root])).toBe('allow')
    expect(reason(policyOf(a()), toB, [root])).toBe(
      'not-in-policy: agent "a" may no longer hand template "task" to agent "b"',
    )
    const onward = b({ to: ['c'], maxLeases: 1, levels: 1 })
    expect(reason(policyOf(a({ ...TO_B, levels: 2 }), onward), toC, [root, toB])).toBe('allow')
    expect(reason(policyOf(a(TO_B), onward), toC, [root, toB])).toMatch(
      /^not-in-policy: to-b, .* handed on further than agent "a"/,
    )
    expect(reason(policyOf(a({ ...TO_B, levels: 2 })), toC, [root, toB])).toMatch(/^not-in-policy/)
  })

  test('namespaces that the giver is no longer granted are gone for who got it', () => {
    expect(reason(policyOf({ ...a(TO_B), namespaces: ['y'] }), toB, [root])).toMatch(/^out-of-scope/)
  })
})

describe('revisionFor', () => {
  test('is of the grant that it was handed by, and who else may get it is no part of it', () => {
    const before = policyOf(a(TO_B), b())
    expect(revisionFor(policyOf(a({ ...TO_B, to: ['b', 'd'] }), b()), root)).toBe(revisionFor(before, root))
    expect(revisionFor(policyOf(a(), b()), root)).toBe(revisionFor(before, root))
    expect(revisionFor(policyOf(a(TO_B), { ...b(), namespaces: [] }), toB)).toBe(revisionFor(before, toB))
    expect(revisionFor(policyOf({ ...a(TO_B), namespaces: [] }, b()), toB)).not.toBe(revisionFor(before, toB))
  })
})

test('waysIn sends nobody to another agent’s lease, and tells nobody to end it', () => {
  const small = { ...toB, scope: [], namespaces: [] }
  const ways = waysIn({ request, lease: small, above: [root], policy: policyOf(a(TO_B), b()) })
  expect(ways).toEqual([expect.objectContaining({ kind: 'ask', template: 'task', instead: null })])
  expect(waysIn({ request, lease: small, above: [root], policy: policyOf(a(TO_B)) })).toEqual([])
})

test('replay judges what was done under a lease that was handed on by the grant of who gave it', () => {
  const http = anHttpRequest({ method: 'GET', target: '/api/v1/namespaces/x/pods/p' })
  const row = recorded(policyOf(a(TO_B)), toB, http)
  expect(row).toMatchObject({ agent: 'b', delegatedBy: 'a', narrowed: true })
  // What the lease above grants is in no row.
  expect(replay(policyOf(a(TO_B)), row)).toMatchObject({ kind: 'untold', lacking: 'narrowed' })
  expect(replay(policyOf(a(), b()), row)).toMatchObject({ kind: 'told', now: 'deny', why: 'not-in-policy' })
})

describe('the policy file', () => {
  const file = (delegation: string) => `
boundaryNamespace: ''
issuers: [{name: i, issuer: 'https://i.example', audience: x, jwks: {url: 'https://i.example/keys'}}]
agents:
  - {name: a, issuer: i, claims: {sub: a}, sponsor: ada}
  - {name: b, issuer: i, claims: {sub: b}}
people: [{name: hana, issuer: i, claims: {sub: hana}, roles: [approver, admin]}]
templates:
  - name: t
    grants: [{agent: a, namespaces: [x], delegation: ${delegation}}]
    rules: [{verbs: [get], apiGroups: [""], resources: [secrets]}]
    maxTtl: 1h
`
  const problems = (delegation: string) => {
    const parsed = parsePolicy(file(delegation), 'p.yaml')
    return parsed.kind === 'problems' ? describeProblems(parsed.problems, 'p.yaml') : ''
  }

  test('names agents of its own, others than the giver, and so many', () => {
    const parsed = parsePolicy(file('{to: [b]}'), 'p.yaml')
    if (parsed.kind === 'problems') throw new Error(describeProblems(parsed.problems, 'p.yaml'))
    expect(parsed.policy.templates[0]?.grants[0]?.delegation).toEqual(TO_B)
    expect(problems('{to: [c]}')).toContain('agent of this file')
    expect(problems('{to: [a]}')).toContain('must be another agent than that of the grant')
    expect(problems('{to: []}')).toContain('must name an agent')
    expect(problems('{to: [b], maxLeases: 33}')).toContain('must be 32 at most')
    expect(problems('{to: [b], levels: 4}')).toContain('must be 3 at most')
    expect(problems('{to: [b], all: true}')).not.toBe('')
  })

  test('policy check knows who may be handed what', () => {
    const parsed = parsePolicy(file('{to: [b]}'), 'p.yaml')
    if (parsed.kind === 'problems') throw new Error(describeProblems(parsed.problems, 'p.yaml'))
    const warnings = checkPolicy(parsed.policy).map(describeWarning)
    expect(warnings).not.toContainEqual(expect.stringContaining('agent "b" is granted no template'))
    expect(warnings).toContainEqual(expect.stringContaining('agent "b" has no sponsor'))
  })
})
