import { describe, expect, test } from 'vitest'
import { authorize } from '../../../src/authorizer/authorize.ts'
import { keepSaid, saidBefore } from '../../../src/authorizer/head/said.ts'
import type { Surroundings } from '../../../src/authorizer/surroundings.ts'
import type { DecisionEntry } from '../../../src/record/journal/journal-entry.ts'
import type { HeaderLine, HttpRequest } from '../../../src/request/http-request.ts'
import { aPolicy, aTemplate } from '../../policy/a-policy.ts'
import { aRoad, http } from '../road.ts'

type Road = Awaited<ReturnType<typeof aRoad>>

/** What is said to it and journaled, but for the id that is its own. */
async function told({ stores, token }: Road, around: Surroundings, line: string, given: Partial<HttpRequest> = {}) {
  const headers: HeaderLine[] = [['authorization', `Bearer ${token}`], ...(given.headers ?? [])]
  const sent = http(line, null, { ...given, headers })
  const { key, ...decision } = await authorize(sent, around)
  const { auditId, ...entry } = JSON.parse(stores.journal.at(-1) ?? '') as DecisionEntry
  expect([key.auditId, auditId]).toEqual([sent.id, sent.id])
  return { decision, entry }
}

/** What Envoy was made to wait for is read each time. */
const READ_ANEW = { announcedBytes: 0 }

const POD = 'GET /api/v1/namespaces/x/pods/web'
const SECRET_WORD = 'ghp_0123456789abcdefghijklmnopqrstuvwxyz'
const HEADS: readonly { name: string; line: string; headers?: readonly HeaderLine[]; route?: 'stream' }[] = [
  { name: 'a read', line: POD },
  { name: 'a list with selectors', line: 'GET /api/v1/namespaces/x/pods?labelSelector=a%3Db&limit=500' },
  { name: 'a HEAD', line: 'HEAD /api/v1/namespaces/x/pods/web' },
  { name: 'discovery', line: 'GET /api/v1' },
  {
    name: 'a list as a table',
    line: 'GET /api/v1/namespaces/x/secrets',
    headers: [['accept', 'application/json;as=Table']],
  },
  { name: 'a read of Secrets', line: 'GET /api/v1/namespaces/x/secrets/s' },
  { name: 'what is out of scope', line: 'GET /api/v1/namespaces/y/pods/web' },
  { name: 'an odd path', line: 'GET /api/v1/../pods' },
  { name: 'a forbidden header', line: POD, headers: [['impersonate-user', 'admin']] },
  { name: 'a token in a user agent', line: POD, headers: [['user-agent', `curl ${SECRET_WORD}`]] },
  { name: 'a token in a query', line: `GET /api/v1/namespaces/x/pods?labelSelector=${SECRET_WORD}` },
  { name: 'a name that is long', line: `GET /api/v1/namespaces/x/pods/${'n'.repeat(900)}` },
  { name: 'a watch', line: 'GET /api/v1/namespaces/x/pods?watch=true', route: 'stream' },
]

describe('a head that came before', () => {
  test.each(HEADS)('has the same answer and the same entry as one that is read anew: $name', async head => {
    const { line, headers = [], route = 'read' } = head
    const road = await aRoad()
    const given = (session: string): Partial<HttpRequest> => ({
      route,
      headers: [...headers, ['kubectl-session', session]],
    })
    for (const session of ['one', 'two', `three ${SECRET_WORD}`, 'four']) {
      const known = await told(road, road.around, line, given(session))
      const anew = await told(road, road.around, line, { ...given(session), ...READ_ANEW })
      expect(known).toEqual(anew)
    }
  })

  const ODD: readonly (readonly HeaderLine[])[] = [
    [['kubectl-session', 'a\nb']],
    [['x-request-id', 'a\0b']],
    [
      ['kubectl-session', 'a'],
      ['kubectl-session', 'a'],
    ],
    [['authorization', 'Bearer another']],
    [['Authorization', 'Bearer another']],
    [
      ['kubectl-session', 'a'],
      ['Kubectl-Session', 'a'],
    ],
    [['kubectl-session', 'a'], ...Array.from({ length: 90 }, () => ['accept', 'a'] as const)],
  ]
  test.each(ODD)(
    'is refused with a line that may not be, also of those that make no difference (%j)',
    async (...lines) => {
      const road = await aRoad()
      const plain: HeaderLine[] = [
        ['kubectl-session', 'a'],
        ['x-request-id', 'a'],
      ]
      for (let time = 0; time < 2; time++)
        expect(await told(road, road.around, POD, { headers: plain })).toMatchObject({ decision: { kind: 'allow' } })
      const odd = await told(road, road.around, POD, { headers: lines })
      expect(odd).toMatchObject({ decision: { kind: 'deny' } })
    },
  )

  test('is told from another that has the same letters in other places', async () => {
    const road = await aRoad()
    const of = (headers: readonly HeaderLine[]) => told(road, road.around, POD, { headers })
    for (let time = 0; time < 2; time++)
      expect(await of([['accept', 'a11 impersonate-user1 b']])).toMatchObject({ decision: { kind: 'allow' } })
    const split: HeaderLine[] = [
      ['accept', 'a'],
      ['impersonate-user', 'b'],
    ]
    expect(await of(split)).toMatchObject({ decision: { kind: 'deny', reason: 'forbidden-header' } })
  })

  test('is judged anew by another policy, from another place, and under another lease', async () => {
    const road = await aRoad()
    const { around, lease } = road
    const of = async (given: Partial<Surroundings>, source = '127.0.0.1') =>
      (await told(road, { ...around, ...given }, POD, { source })).decision
    for (let time = 0; time < 2; time++) expect(await of({})).toMatchObject({ kind: 'allow' })
    const near = aPolicy({ templates: [aTemplate({ networks: [['127.0.0.0/8']] })] })
    for (let time = 0; time < 2; time++) {
      expect(await of({ policy: () => near })).toMatchObject({ kind: 'allow' })
      expect(await of({ policy: () => near }, '10.0.0.1')).toMatchObject({ reason: 'outside-networks' })
      const none = aPolicy({ templates: [aTemplate({ rules: [] })] })
      expect(await of({ policy: () => none })).toMatchObject({ kind: 'deny', reason: 'out-of-scope' })
      const narrowed = { ...lease, scope: [] }
      expect(await of({ findLease: async () => narrowed })).toMatchObject({ kind: 'deny', reason: 'out-of-scope' })
      expect(await of({})).toMatchObject({ kind: 'allow' })
    }
  })

  test('is not kept by a policy that was replaced', async () => {
    const { lease } = await aRoad()
    const [before, after] = [aPolicy(), aPolicy()]
    const verdict = { kind: 'allow', rule: 'rule 1', risk: null } as const
    const said = { lease, policy: before, source: '', verdict, isOfOne: true }
    const of = (policy: typeof before) => saidBefore('a kind', lease, policy, '')
    expect(of(before)).toBeNull()
    for (let time = 0; time < 2; time++) keepSaid('a kind', said)
    expect(of(before)).toBe(said)
    expect(of(after)).toBeNull()
    expect(of(before)).toBeNull()
  })
})
