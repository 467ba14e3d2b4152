import { describe, expect, test } from 'vitest'
import { toAnswer, toDenial } from '../../src/authorizer/answer/to-answer.ts'
import { authorize } from '../../src/authorizer/authorize.ts'
import type { Surroundings } from '../../src/authorizer/surroundings.ts'
import { watchersOf } from '../../src/authorizer/watch/watchers.ts'
import { isWatchedIn, toMetadata } from '../../src/envoy/metadata.ts'
import { type SignedWatch, sealWatch } from '../../src/identity/signed/watch-mark.ts'
import { CLOCKS_MS, MARK_MS } from '../../src/lease/stream/watch-marks.ts'
import type { TaskTemplate } from '../../src/policy/policy.ts'
import { RedisError } from '../../src/redis/redis-error.ts'
import { answering, creating } from '../lease/a-lease.ts'
import { aPolicy, aTemplate, leaseOf } from '../policy/a-policy.ts'
import { testKeys } from '../support/keys.ts'
import { aRoad, http, NOW } from './road.ts'

const WATCHED = { watched: ['exec', 'attach'] } as const
const ASKS = { ...WATCHED, approval: { skip: [], require: ['pods-exec'] } }
const LINES = {
  exec: 'GET /api/v1/namespaces/x/pods/p/exec?command=ls&stdout=true',
  attach: 'GET /api/v1/namespaces/x/pods/p/attach?stdout=true',
  portforward: 'GET /api/v1/namespaces/x/pods/p/portforward?ports=80',
} as const

/** A lease as one template gave it, used under another of today; `names` is who watches it. */
async function aLease(atIssue: Partial<TaskTemplate>, today: Partial<TaskTemplate> = atIssue) {
  const road = await aRoad()
  const lease = leaseOf(aTemplate(atIssue), { agent: 'bot', issuedAt: NOW - 60_000, expiresAt: NOW + 600_000 })
  await road.stores.store.create(creating(lease))
  const policy = aPolicy({ templates: [aTemplate(today)] })
  const names: string[] = []
  let looks = 0
  const around: Surroundings = {
    ...road.around,
    findLease: async () => lease,
    policy: () => policy,
    watchers: async () => {
      looks += 1
      return { names, until: NOW + MARK_MS }
    },
  }
  const send = (line: keyof typeof LINES = 'exec', given: Partial<Surroundings> = {}) => {
    const headers = [
      ['authorization', `Bearer ${road.token}`],
      ['connection', 'upgrade'],
      ['upgrade', 'websocket'],
    ] as const
    return authorize(
      http(LINES[line], road.token, { headers, route: line === 'portforward' ? 'upgrade' : 'session' }),
      { ...around, ...given },
    )
  }
  return { ...road, lease, around, names, send, looks: () => looks }
}

describe('a session under a template that wants it watched', () => {
  test.each([
    { name: 'the lease', atIssue: WATCHED, today: {} },
    { name: "today's template", atIssue: {}, today: WATCHED },
  ])('is refused while nobody watches, when $name says so, and that is on record', async ({ atIssue, today }) => {
    const { send, stores, lease } = await aLease(atIssue, today)
    const decision = await send()
    if (decision.kind !== 'deny') throw new Error('allowed')
    expect(decision.reason).toBe('nobody-watches')
    expect(JSON.parse(stores.journal.at(-1) ?? '')).toMatchObject({ intent: 'deny', reason: 'nobody-watches' })
    const { status, body, retryAfter } = toDenial(decision)
    expect({ status, retryAfter }).toEqual({ status: 403, retryAfter: null })
    expect(body).toContain(`leasegate sessions watch ${lease.id}; while that runs, send the same request again`)
  })

  test('begins while somebody does: the record has by whom, and Envoy that it has to be', async () => {
    const { send, names, stores } = await aLease(WATCHED)
    names.push('grace', 'hana')
    const decision = await send()
    expect(decision).toMatchObject({ kind: 'allow', watched: true })
    expect(isWatchedIn(toMetadata(toAnswer(decision)))).toBe(true)
    expect(JSON.parse(stores.journal.at(-1) ?? '')).toMatchObject({ intent: 'allow', detail: 'watched by grace, hana' })
  })

  test('is of the kinds that are named, and of nothing else is it asked who watches', async () => {
    const { send, looks, around, token } = await aLease(WATCHED)
    expect(await send('attach')).toMatchObject({ kind: 'deny', reason: 'nobody-watches' })
    const before = looks()
    const free = await send('portforward')
    expect(free).toMatchObject({ kind: 'allow' })
    expect(isWatchedIn(toMetadata(toAnswer(free)))).toBe(false)
    expect(await authorize(http('GET /api/v1/namespaces/x/pods', token), around)).toMatchObject({ kind: 'allow' })
    expect(looks()).toBe(before)
    const { send: forwards } = await aLease({ watched: ['portforward'] })
    expect(await forwards('portforward')).toMatchObject({ kind: 'deny', reason: 'nobody-watches' })
  })

  test('is refused when the store does not say who watches, also when it never answers', async () => {
    const { send } = await aLease(WATCHED)
    const away = async () => Promise.reject(new RedisError('unavailable', 'away'))
    expect(await send('exec', { watchers: away })).toMatchObject({ kind: 'deny', reason: 'unavailable' })
    const silent = { watchers: () => new Promise<never>(() => {}), deadlineMs: 20 }
    expect(await send('exec', silent)).toMatchObject({ kind: 'deny', reason: 'unavailable' })
  })

  test('that asks as well asks without a watcher, and its yes waits for one', async () => {
    const { send, names, stores } = await aLease(ASKS)
    const asked = await send()
    if (asked.kind !== 'deny' || asked.approval === null) throw new Error('it did not ask')
    expect(asked.reason).toBe('approval-pending')
    expect(asked.detail).toContain('has to be watched as well')
    const { approval } = asked
    await stores.approvals.answer(answering(approval, 'approved', NOW))
    expect(await send()).toMatchObject({ kind: 'deny', reason: 'nobody-watches', approval })
    expect(await send()).toMatchObject({ kind: 'deny', reason: 'nobody-watches', approval })
    names.push('grace')
    expect(await send()).toMatchObject({ kind: 'allow', approval, watched: true })
    expect(await send()).toMatchObject({ kind: 'deny', reason: 'approval-pending' })
  })
})

describe('watchersOf', () => {
  const people = (['grace', 'root'] as const).map(name => ({
    name,
    alsoKnownAs: [],
    match: { issuer: 'i', claims: { sub: name } },
    roles: [name === 'grace' ? ('approver' as const) : ('admin' as const)],
  }))
  const good: SignedWatch = { lease: 'lse', by: 'grace', until: NOW + 1000 }
  const looking = async (given: Partial<SignedWatch>[], foreign = false) => {
    const [keys, others] = [await testKeys(), await testKeys()]
    const key = foreign ? others.signing : keys.signing
    const texts = await Promise.all(given.map(one => sealWatch({ ...good, ...one }, key)))
    const marks = { marks: async () => [...texts, '', 'no mark'] }
    return watchersOf({ marks, keys: () => keys.verify, policy: () => aPolicy({ people }), now: () => NOW })('lse')
  }

  test('names each once, until the last mark ends', async () => {
    expect(await looking([{}, { until: NOW + 3000 }])).toEqual({ names: ['grace'], until: NOW + 3000 })
  })

  test.each([
    { name: 'that is over', given: { until: NOW } },
    { name: 'that would count for longer than any', given: { until: NOW + MARK_MS + CLOCKS_MS + 1 } },
    { name: 'of another lease', given: { lease: 'another' } },
    { name: 'of somebody who is no approver', given: { by: 'root' } },
    { name: 'of somebody whom the policy does not have', given: { by: 'nobody' } },
    { name: 'that another key signed', given: {}, foreign: true },
  ])('passes over a mark $name', async ({ given, foreign = false }) => {
    expect(await looking([given], foreign)).toEqual({ names: [], until: 0 })
  })
})
