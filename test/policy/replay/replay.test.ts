import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { underWatch } from '../../../src/authorizer/watch/watch-of.ts'
import type { Verdict } from '../../../src/policy/judge/verdict.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import { summarize } from '../../../src/policy/replay/groups.ts'
import { replay } from '../../../src/policy/replay/replay.ts'
import type { HttpRequest } from '../../../src/request/http-request.ts'
import { anHttpRequest, SPDY, WEBSOCKET } from '../../request/a-http-request.ts'
import { type Asking, aLeaseOf, HOLDER, PERSON, recorded, verdictOn } from './a-recorded.ts'
import { anything, askings, edits, JSON_TYPE, MERGE, NARROW, sent, WIDE, watching } from './arbitrary-requests.ts'
import { aPolicyOf } from './policies.ts'

const POLICY = aPolicyOf()

/** What is said of the request under another policy, judged as it was sent and from its row. */
function both(before: Policy, after: Policy, asking: Asking, http: HttpRequest, watchers: readonly string[] = []) {
  const row = recorded(before, aLeaseOf(before, asking), http, undefined, watchers)
  const said = (policy: Policy) => sayingOf(underWatch(verdictOn(policy, aLeaseOf(policy, asking), http), watchers))
  return { replayed: replay(after, row), really: said(after), was: said(before), row }
}

function sayingOf({ kind }: Verdict): string {
  return kind === 'approval' ? 'ask' : kind
}

function edited(changes: readonly (readonly [string, string])[]): Policy {
  return aPolicyOf(text => changes.reduce((sofar, [from, to]) => sofar.replace(from, to), text))
}

describe('replay', () => {
  test('the same policy says the same to whatever it can judge', () => {
    let told = 0
    fc.assert(
      fc.property(askings, anything, edits, watching, (asking, http, changes, watchers) => {
        const policy = edited(changes)
        const { replayed, was } = both(policy, policy, asking, http, watchers)
        expect(replayed).toMatchObject({ was })
        if (replayed.kind !== 'told') return
        told += 1
        expect(replayed.now).toBe(was)
      }),
      { numRuns: 1000 },
    )
    expect(told).toBeGreaterThan(300)
  })

  test('what it tells of another policy is what that one says to the request itself, and else that is among what it may be', () => {
    let told = 0
    fc.assert(
      fc.property(askings, anything, edits, edits, watching, (asking, http, some, changes, watchers) => {
        const { replayed, really } = both(edited(some), edited(changes), asking, http, watchers)
        if (replayed.kind === 'told') expect(replayed.now).toBe(really)
        if (replayed.kind === 'untold') expect(replayed.between).toContain(really)
        told += Number(replayed.kind === 'told')
      }),
      { numRuns: 1000 },
    )
    expect(told).toBeGreaterThan(300)
  })

  const exec = (command: string) =>
    anHttpRequest({ method: 'POST', target: `/api/v1/namespaces/dev/pods/p/exec?command=${command}`, headers: SPDY })
  const READ = sent('GET /api/v1/namespaces/dev/configmaps/x')
  const having = (more: string) => edited([['  - name: wide\n', `  - name: wide\n    ${more}\n`]])

  test.each([
    { name: 'a bound lease', more: 'certificate: required', asking: { ...WIDE, holder: HOLDER }, http: READ },
    { name: 'a lease for a person', more: 'onBehalfOf: required', asking: { ...WIDE, onBehalfOf: PERSON }, http: READ },
    {
      name: 'a session that was watched',
      more: 'watched: [exec]',
      asking: WIDE,
      http: exec('ls'),
      watchers: ['ada'],
    },
    {
      name: 'a session that nobody watched',
      more: 'watched: [exec]',
      asking: WIDE,
      http: exec('ls'),
    },
  ])('the same policy says the same of $name', ({ more, asking, http, watchers = [] }) => {
    const policy = having(more)
    const { replayed, really } = both(policy, policy, asking, http, watchers)
    expect(replayed).toMatchObject({ kind: 'told', was: really, now: really })
  })

  test('a certificate or a person that a template wants is on record, and else it cannot be told', () => {
    for (const [more, untold] of [
      ['certificate: required', { bound: 'unknown' }],
      ['onBehalfOf: required', { consented: 'unknown' }],
    ] as const) {
      const { row } = both(POLICY, POLICY, WIDE, READ)
      expect(replay(having(more), row)).toMatchObject({ kind: 'told', was: 'allow', now: 'deny', why: 'not-in-policy' })
      expect(replay(having(more), { ...row, ...untold })).toEqual({
        kind: 'untold',
        was: 'allow',
        between: ['allow', 'deny'],
        lacking: 'holder',
      })
    }
  })

  test('whether somebody would watch what had not to be watched cannot be told', () => {
    const { replayed } = both(
      POLICY,
      edited([['  - name: narrow\n', '  - name: narrow\n    watched: [exec]\n']]),
      NARROW,
      exec('ps'),
    )
    expect(replayed).toEqual({ kind: 'untold', was: 'allow', between: ['allow', 'deny'], lacking: 'watched' })
  })

  test.each([
    { name: 'a read', asking: NARROW, http: sent('GET /api/v1/namespaces/shop/pods/web') },
    {
      name: 'a scale, whose body no rule looks into',
      asking: WIDE,
      http: sent('PATCH /apis/apps/v1/namespaces/dev/deployments/web/scale', MERGE, '{"spec":{"replicas":2}}'),
    },
    { name: 'a delete', asking: WIDE, http: sent('DELETE /api/v1/namespaces/dev/pods/web') },
  ])('tells of $name', ({ asking, http }) => {
    expect(both(POLICY, POLICY, asking, http).replayed).toMatchObject({ kind: 'told' })
  })

  test.each([
    {
      name: 'a patch that a rule with fields may cover: the fields',
      asking: NARROW,
      http: sent('PATCH /apis/apps/v1/namespaces/shop/deployments/web', MERGE, '{"spec":{"replicas":2}}'),
      want: { lacking: 'body' },
    },
    {
      name: 'what runs in a pod: the body',
      asking: WIDE,
      http: sent('POST /api/v1/namespaces/dev/pods', JSON_TYPE, '{"spec":{"containers":[]}}'),
      want: { lacking: 'body', between: expect.arrayContaining(['deny']) },
    },
    {
      name: 'a command with a credential in it, which is masked',
      asking: WIDE,
      http: anHttpRequest({
        method: 'GET',
        target: '/api/v1/namespaces/dev/pods/web/exec?command=curl&command=--token%3Dabcdefgh',
        headers: WEBSOCKET,
      }),
      want: { lacking: 'row' },
    },
  ])('does not guess $name', ({ asking, http, want }) => {
    expect(both(POLICY, POLICY, asking, http).replayed).toMatchObject({ kind: 'untold', ...want })
  })

  test('takes a wider grant for one that may not have been asked for', () => {
    const after = aPolicyOf(text => text.replace('namespaces: [shop, dev]}, {', 'namespaces: [shop, dev, more]}, {'))
    const { replayed } = both(POLICY, after, NARROW, sent('GET /api/v1/namespaces/more/pods'))
    expect(replayed).toEqual({ kind: 'untold', was: 'deny', between: ['allow', 'deny'], lacking: 'namespaces' })
  })

  test('a lease that was narrowed may be held by those above it, which the record does not tell', () => {
    const lease = aLeaseOf(POLICY, NARROW, 'lse_2', { ancestors: ['lse_1'] })
    const row = recorded(POLICY, lease, sent('GET /api/v1/namespaces/shop/pods'))
    expect(replay(POLICY, row)).toMatchObject({ kind: 'untold', lacking: 'narrowed' })
    const denied = recorded(POLICY, lease, sent('GET /api/v1/namespaces/shop/services'))
    expect(replay(POLICY, denied)).toMatchObject({ kind: 'told', now: 'deny' })
  })

  test('fills places with what a lease was asked with, and says where that is not on record', () => {
    const places = (text: string) =>
      text
        .replace('  - name: narrow', "  - name: narrow\n    parameters: {name: 'web|settings'}")
        .replace('[web], fields: [spec.replicas, metadata.annotations]', "['{name}']")
    const after = aPolicyOf(places)
    const http = sent('DELETE /api/v1/namespaces/shop/deployments/web')
    const row = recorded(after, aLeaseOf(after, { ...NARROW, parameters: { name: 'web' } }), http)
    expect(replay(after, row)).toMatchObject({ kind: 'told', now: 'deny' })
    expect(replay(after, { ...row, parameters: null })).toMatchObject({ kind: 'untold', lacking: 'parameters' })
  })

  test.each([
    { reason: 'lease-revoked' },
    { reason: 'other-certificate' },
    { reason: 'budget-spent' },
    { reason: 'unavailable' },
  ])('leaves out what something else than a policy decided: $reason', ({ reason }) => {
    const settled = { decision: 'deny', reason, approval: '' } as const
    const row = recorded(POLICY, aLeaseOf(POLICY, WIDE), sent('GET /api/v1/namespaces/dev/pods'), settled)
    expect(replay(POLICY, row)).toEqual({ kind: 'not-judged' })
  })

  test('what waited for a human, or was let pass by one, was asked', () => {
    const http = sent('GET /api/v1/namespaces/dev/secrets/s')
    const lease = aLeaseOf(POLICY, WIDE)
    const yes = recorded(POLICY, lease, http, { decision: 'allow', reason: '', approval: 'apr_1' })
    const no = recorded(POLICY, lease, http, { decision: 'deny', reason: 'approval-rejected', approval: 'apr_1' })
    for (const row of [yes, no, recorded(POLICY, lease, http)])
      expect(replay(POLICY, row)).toMatchObject({ kind: 'told', was: 'ask', now: 'ask' })
  })
})

describe('summarize', () => {
  test('counts requests, and puts together what is alike', () => {
    const after = aPolicyOf(text => text.replace('verbs: [get, list, watch], apiGroups', 'verbs: [get], apiGroups'))
    const lease = aLeaseOf(POLICY, NARROW)
    const rows = [
      'GET /api/v1/namespaces/shop/pods',
      'GET /api/v1/namespaces/shop/pods?labelSelector=a%3Db',
      'GET /api/v1/namespaces/shop/pods/web',
    ].map((line, at) => ({ ...recorded(POLICY, lease, sent(line)), requests: 2, examples: [`a-${at}`] }))
    const summary = summarize(rows.map(row => ({ row, of: replay(after, row) })))
    expect(summary).toEqual({
      same: 2,
      other: 4,
      untold: 0,
      notJudged: 0,
      groups: [
        {
          template: 'narrow',
          verb: 'list',
          resource: 'pods',
          namespace: 'shop',
          was: 'allow',
          why: '',
          now: ['deny'],
          whyNow: 'out-of-scope',
          lacking: null,
          requests: 4,
          examples: ['a-0', 'a-1'],
        },
      ],
    })
  })
})
