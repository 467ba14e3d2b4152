import { describe, expect, test } from 'vitest'
import { toDenial } from '../../src/authorizer/answer/to-answer.ts'
import { authorize } from '../../src/authorizer/authorize.ts'
import type { Surroundings } from '../../src/authorizer/surroundings.ts'
import type { Lease } from '../../src/lease/lease.ts'
import type { Hours } from '../../src/policy/conditions/hours.ts'
import type { TaskTemplate } from '../../src/policy/policy.ts'
import { creating } from '../lease/a-lease.ts'
import { aPolicy, aTemplate, leaseOf } from '../policy/a-policy.ts'
import { aRoad, http, NOW } from './road.ts'

const PODS = 'GET /api/v1/namespaces/x/pods'
const OFFICE = [['10.0.0.0/8', '2001:db8::/32']]
/** NOW is a Tuesday, ten in the morning. */
const utc = (from: number, to: number): Hours => ({ days: ['tue'], from: from * 60, to: to * 60, timeZone: 'UTC' })

/** A lease as one template gave it, used under another of today. */
async function aLease(
  atIssue: Partial<TaskTemplate>,
  today: Partial<TaskTemplate> = atIssue,
  ticket = '',
  given: Partial<Lease> = {},
) {
  const road = await aRoad()
  const lease = leaseOf(aTemplate(atIssue), {
    agent: 'bot',
    issuedAt: NOW - 60_000,
    expiresAt: NOW + 600_000,
    task: { name: 'task', reason: 'test', ticket },
    ...given,
  })
  await road.stores.store.create(creating(lease))
  const policy = aPolicy({ templates: [aTemplate(today)] })
  const around: Surroundings = { ...road.around, findLease: async () => lease, policy: () => policy }
  const send = (given: Parameters<typeof http>[2] = {}, at = NOW) =>
    authorize(http(PODS, road.token, given), { ...around, now: () => at })
  return { ...road, send }
}

describe('networks of a template', () => {
  test.each(['10.1.2.3', '::ffff:10.1.2.3', '2001:db8::1'])('let a request from %s pass', async source => {
    const { send } = await aLease({ networks: OFFICE })
    expect(await send({ source })).toMatchObject({ kind: 'allow' })
  })

  test.each(['11.1.2.3', '::ffff:11.1.2.3', '2001:db9::1', '127.0.0.1', '', 'unknown', '10.1.2.3, 11.1.2.3'])(
    'refuse one from %j, which is on record, and say where it came from',
    async source => {
      const { send, stores } = await aLease({ networks: OFFICE })
      const decision = await send({ source })
      expect(decision).toMatchObject({ kind: 'deny', reason: 'outside-networks' })
      expect(JSON.parse(stores.journal.at(-1) ?? '')).toMatchObject({ intent: 'deny', reason: 'outside-networks' })
      if (decision.kind !== 'deny') throw new Error('allowed')
      const { status, body } = toDenial(decision)
      expect(status).toBe(403)
      expect(body).toContain('10.0.0.0/8')
      expect(body).toContain(source === '' ? 'an unknown address' : source)
    },
  )

  test('what a client says of itself counts for nothing', async () => {
    const { send, token } = await aLease({ networks: OFFICE })
    const headers = [
      ['authorization', `Bearer ${token}`],
      ['x-forwarded-for', '10.1.2.3'],
      ['x-real-ip', '10.1.2.3'],
    ] as const
    expect(await send({ source: '11.1.2.3', headers })).toMatchObject({ kind: 'deny' })
  })

  test('hold for what every client asks first, and for what it asks about its rights', async () => {
    const { around, token } = await aRoad()
    const policy = aPolicy({ templates: [aTemplate({ networks: OFFICE })] })
    const review = '{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectRulesReview","spec":{"namespace":"x"}}'
    for (const request of [
      http('GET /api', token, { source: '11.1.2.3' }),
      http('POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews', token, {
        source: '11.1.2.3',
        body: Buffer.from(review),
      }),
    ]) {
      const decision = await authorize(request, { ...around, policy: () => policy })
      expect(decision).toMatchObject({ kind: 'deny', reason: 'outside-networks' })
    }
  })

  test('that come later bind a lease that runs; those that go still bind it', async () => {
    const later = await aLease({}, { networks: OFFICE })
    expect(await later.send({ source: '11.1.2.3' })).toMatchObject({ reason: 'outside-networks' })
    const gone = await aLease({ networks: OFFICE }, {})
    expect(await gone.send({ source: '11.1.2.3' })).toMatchObject({ reason: 'outside-networks' })
    const both = await aLease({ networks: OFFICE }, { networks: [['10.1.0.0/16', '11.0.0.0/8']] })
    expect(await both.send({ source: '11.1.2.3' })).toMatchObject({ reason: 'outside-networks' })
    expect(await both.send({ source: '10.2.2.3' })).toMatchObject({ reason: 'outside-networks' })
    expect(await both.send({ source: '10.1.2.3' })).toMatchObject({ kind: 'allow' })
  })
})

describe('hours of a template', () => {
  test('end a lease with them, whatever it was signed for', async () => {
    const { send } = await aLease({}, { hours: [utc(9, 11)] })
    expect(await send()).toMatchObject({ kind: 'allow', lease: { expiresAt: NOW + 600_000 } })
    const short = await aLease({}, { hours: [{ ...utc(9, 10), to: 10 * 60 + 4 }] })
    expect(await short.send()).toMatchObject({ kind: 'allow', lease: { expiresAt: NOW + 240_000 } })
    expect(await short.send({}, NOW + 240_000)).toMatchObject({ kind: 'deny', reason: 'lease-expired' })
  })

  test('that it was not given in end it at once', async () => {
    const { send } = await aLease({}, { hours: [utc(12, 18)] })
    expect(await send()).toMatchObject({ kind: 'deny', reason: 'lease-expired' })
    expect(await send({}, NOW + 3 * 3_600_000)).toMatchObject({ kind: 'deny' })
  })
})

describe('a ticket that a template wants', () => {
  const ticket = 'OPS-[0-9]+'

  test('binds a lease that has none, or another one', async () => {
    for (const other of ['', 'OPS-', 'INC-7', 'xOPS-7']) {
      const { send } = await aLease({}, { ticket }, other)
      expect(await send()).toMatchObject({
        kind: 'deny',
        reason: 'not-in-policy',
        detail: expect.stringContaining(ticket),
      })
    }
    const { send } = await aLease({}, { ticket }, 'OPS-7')
    expect(await send()).toMatchObject({ kind: 'allow' })
  })

  test('stands in the command that a refusal names', async () => {
    const { send } = await aLease({}, { ticket })
    const decision = await send()
    if (decision.kind !== 'deny') throw new Error('allowed')
    expect(toDenial(decision).body).toContain('leasegate lease request --template task --namespace x --ticket ID')
  })
})

describe('a template for a person who said so', () => {
  test('binds leases that run, both ways, and says what is wanted', async () => {
    const required = await aLease({}, { onBehalfOf: 'required' })
    const decision = await required.send()
    expect(decision).toMatchObject({ kind: 'deny', reason: 'not-in-policy' })
    if (decision.kind !== 'deny') throw new Error('allowed')
    expect(toDenial(decision).body).toContain('--namespace x --on-behalf-of FILE')
    const onBehalfOf = { issuer: 'corp', subject: 'grace' }
    expect(await (await aLease({}, { onBehalfOf: 'allowed' }, '', { onBehalfOf })).send()).toMatchObject({
      kind: 'allow',
    })
    expect(await (await aLease({}, {}, '', { onBehalfOf })).send()).toMatchObject({ reason: 'not-in-policy' })
  })
})
