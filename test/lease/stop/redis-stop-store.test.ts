import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Lease } from '../../../src/lease/lease.ts'
import { newLeaseId } from '../../../src/lease/lease-id.ts'
import type { EndNews } from '../../../src/lease/lease-store.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { RedisStopStore } from '../../../src/lease/stop/redis-stop-store.ts'
import type { StopAct } from '../../../src/lease/stop/stop.ts'
import type { Subject, SubjectKind } from '../../../src/lease/stop/subject.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { PARTITIONS, partitionPrefix } from '../../../src/redis/keys.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { until } from '../../support/until.ts'
import { aLease, committing, creating, revoking } from '../a-lease.ts'

let valkey: Valkey
let link: RedisLink
let store: RedisLeaseStore
let stops: RedisStopStore

beforeAll(async () => {
  valkey = await Valkey.start({ appendfsync: 'everysec' })
  link = await valkey.connected({ durability: 'everysec' })
  store = new RedisLeaseStore(link)
  stops = new RedisStopStore(link)
})
afterAll(() => valkey.stop())

const act = (what: StopAct, subject: Subject, reason = 'why') =>
  stops.act({ act: what, subject, by: 'root@example.org', reason, event: `{"kind":"stop","event":"${what}"}` })

/** One that has not heard of anything: what it says rests on the store alone. */
const askAnew = (lease: Lease) => new RedisLeaseLedger(link).commit(committing(lease))

/** Names of its own in every way, so that tests do not meet. */
async function aLiveLease(given: Partial<Lease> = {}): Promise<Lease> {
  const own = crypto.randomUUID()
  const lease = aLease({
    agent: `agent-${own}`,
    template: `template-${own}`,
    sponsor: `${own}@example.org`,
    issuer: `issuer-${own}`,
    task: { name: `task: ${own}`, reason: '', ticket: '' },
    ...given,
  })
  expect(await store.create(creating(lease))).toEqual({ kind: 'created' })
  return lease
}

const SUBJECTS: readonly { readonly kind: SubjectKind; readonly name: (lease: Lease) => string }[] = [
  { kind: 'agent', name: lease => lease.agent },
  { kind: 'template', name: lease => lease.template },
  { kind: 'sponsor', name: lease => lease.sponsor },
  { kind: 'issuer', name: lease => lease.issuer ?? '' },
  { kind: 'task', name: lease => lease.task.name },
  { kind: 'all', name: () => '' },
]
const revoked = { kind: 'ended', state: { kind: 'revoked', by: 'root@example.org', reason: 'why' } }
const live = { kind: 'allowed', approval: null }

const holder = { name: 'CN=agent', thumbprint: 'print', boundTo: 'name' } as const

describe('what is done to all leases of an issuer', () => {
  test.each([
    { what: 'vouches for the person who consented', given: { onBehalfOf: { issuer: 'theirs', subject: 'grace' } } },
    { what: 'gave the consent', given: { onBehalfOf: { issuer: 'people', subject: 'grace', consent: 'theirs' } } },
    { what: 'vouches for the certificate', given: { holder: { ...holder, authority: 'theirs' } } },
  ])('ends those for which it $what, and no other', async ({ given }) => {
    const own = `theirs-${crypto.randomUUID()}`
    const named = JSON.parse(JSON.stringify(given).replaceAll('theirs', own)) as Partial<Lease>
    const [lease, other] = [await aLiveLease(named), await aLiveLease()]
    await act('end', { kind: 'issuer', name: own })
    expect(await askAnew(lease)).toMatchObject(revoked)
    expect(await askAnew(other)).toMatchObject(live)
    await act('stop', { kind: 'issuer', name: own })
    const next = aLease({
      ...lease,
      id: newLeaseId(lease.agent, PARTITIONS),
      issuedAt: Date.now() + 60_000,
      expiresAt: Date.now() + 120_000,
    })
    expect(await store.create(creating(next))).toMatchObject({ kind: 'stopped' })
    await act('start', { kind: 'issuer', name: own })
  })
})

describe('what is done to all leases of a subject', () => {
  test.each(SUBJECTS)('an end by $kind ends those that there are and no later one', async ({ kind, name }) => {
    const [lease, other] = [await aLiveLease(), await aLiveLease()]
    const child = await aLiveLease({ ancestors: [lease.id] })
    await act('end', { kind, name: name(lease) })
    expect(await askAnew(lease)).toMatchObject(revoked)
    expect(await askAnew(child)).toMatchObject(revoked)
    expect(await askAnew(other)).toMatchObject(kind === 'all' ? revoked : live)
    expect(await store.find(lease.id, Date.now())).toMatchObject({ state: { kind: 'revoked' } })
    expect(await new RedisLeaseLedger(link).states([lease.id, child.id], Date.now())).toMatchObject([
      { kind: 'revoked' },
      { kind: 'revoked' },
    ])
    const { id: _, ...alike } = lease
    const next = await aNewOneOf(alike)
    expect(await askAnew(next)).toEqual(live)
    expect(await askAnew(lease)).toMatchObject(revoked)
  })

  /** As soon as its time is later than that of the end. */
  async function aNewOneOf(alike: Omit<Lease, 'id'>): Promise<Lease> {
    let lease = aLease(alike)
    await until('a new lease', async () => {
      const issuedAt = Date.now()
      lease = aLease({ ...alike, issuedAt, expiresAt: issuedAt + 60_000 })
      return (await store.create(creating(lease))).kind === 'created'
    })
    return lease
  }

  test.each(SUBJECTS)(
    'a stop by $kind holds for leases of that moment and later, until it is started',
    async ({ kind, name }) => {
      const lease = await aLiveLease()
      const subject = { kind, name: name(lease) }
      await act('stop', subject)
      const later = aLease({
        ...lease,
        id: newLeaseId(lease.agent, PARTITIONS),
        issuedAt: Date.now() + 60_000,
        expiresAt: Date.now() + 120_000,
      })
      const refused = { kind: 'stopped', stopped: { subject, kind: 'stopped', by: 'root@example.org', reason: 'why' } }
      expect(await store.create(creating(later))).toEqual(refused)
      expect(await askAnew(lease)).toMatchObject(revoked)
      await act('start', subject)
      expect(await askAnew(lease)).toMatchObject(revoked)
      expect(await store.create(creating(later))).toEqual({ kind: 'created' })
      expect(await askAnew(later)).toEqual(live)
      expect(await act('start', subject)).toBeNull()
    },
  )

  test('a lease whose record came in past the check has ended too, whatever its time says', async () => {
    const lease = await aLiveLease()
    const raced = aLease({
      ...lease,
      id: newLeaseId(lease.agent, PARTITIONS),
      issuedAt: Date.now() + 30_000,
      expiresAt: Date.now() + 90_000,
    })
    await store.create(creating(raced))
    await act('end', { kind: 'agent', name: lease.agent })
    expect(await askAnew(raced)).toMatchObject(revoked)
  })

  test.each([...SUBJECTS, { kind: 'lease' as const, name: (lease: Lease) => lease.id }])(
    'what is frozen by $kind says so, and goes on when it is thawed',
    async ({ kind, name }) => {
      const lease = await aLiveLease()
      const child = await aLiveLease({ ancestors: [lease.id] })
      const ledger = new RedisLeaseLedger(link)
      const subject = { kind, name: name(lease) }
      await act('freeze', subject)
      const frozen = { kind: 'ended', state: { kind: 'frozen', by: 'root@example.org', reason: 'why' } }
      for (const one of [lease, child]) expect(await ledger.commit(committing(one))).toMatchObject(frozen)
      expect((await store.list({ agent: lease.agent, after: '', limit: 10 }, Date.now())).items).toHaveLength(1)
      await act('thaw', subject)
      for (const one of [lease, child]) expect(await ledger.commit(committing(one))).toEqual(live)
      expect(await act('thaw', subject)).toBeNull()
    },
  )

  test('a frozen lease can be revoked, and does not come back when it is thawed', async () => {
    const lease = await aLiveLease()
    await act('freeze', { kind: 'lease', name: lease.id })
    expect(await store.revoke(revoking(lease))).toBe(true)
    await act('thaw', { kind: 'lease', name: lease.id })
    expect(await askAnew(lease)).toMatchObject({ kind: 'ended', state: { kind: 'revoked' } })
  })

  test('what ended frees the room that a template gives its agent', async () => {
    const lease = await aLiveLease()
    const another = () => {
      const issuedAt = Date.now()
      return aLease({ ...lease, id: newLeaseId(lease.agent, PARTITIONS), issuedAt, expiresAt: issuedAt + 60_000 })
    }
    expect(await store.create(creating(another(), { limit: 1 }))).toMatchObject({ kind: 'too-many' })
    await act('end', { kind: 'agent', name: lease.agent })
    await until('room', async () => (await store.create(creating(another(), { limit: 1 }))).kind === 'created')
  })

  test('an authorizer that heard of it stays with it, whatever becomes of the store', async () => {
    const lease = await aLiveLease()
    const ledger = new RedisLeaseLedger(link)
    const heard: EndNews[] = []
    const stop = new AbortController()
    const following = ledger.followEnds(news => heard.push(news), stop.signal)
    const subject = { kind: 'template', name: lease.template } as const
    await act('end', subject)
    await until('the news', () =>
      heard.some(news => news.kind === 'stop' && news.subject === `template:${lease.template}`),
    )
    const prefix = partitionPrefix(lease.id.slice(-2))
    await link.ask('forget', redis => redis.del(`${prefix}stop:template:${lease.template}`, `${prefix}stops`))
    expect(await askAnew(lease)).toEqual(live)
    expect(await ledger.commit(committing(lease))).toMatchObject({ kind: 'ended', state: { kind: 'revoked' } })
    stop.abort()
    await following
  })

  test('it is done in every partition or in none, and on record once', async () => {
    const subject = { kind: 'task', name: crypto.randomUUID() } as const
    const count = async () => {
      const lengths = await Promise.all(
        ['00', '01', '02', '03'].map(one => link.ask('length', redis => redis.xlen(`${partitionPrefix(one)}journal`))),
      )
      return lengths.reduce((sum, length) => sum + length, 0)
    }
    const before = await count()
    await act('stop', subject)
    expect(await count()).toBe(before + 1)
    const keys = ['00', '01', '02', '03'].map(one => `${partitionPrefix(one)}stop:task:${subject.name}`)
    expect(await link.ask('keys', redis => redis.exists(...keys))).toBe(4)
    expect((await stops.list()).filter(one => one.stopped !== null).map(one => one.subject)).toContainEqual(subject)
    await act('start', subject)
  })
})
