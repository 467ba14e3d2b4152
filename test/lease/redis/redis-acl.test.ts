import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RedisBatchStore } from '../../../src/approval/batch/redis-batch-store.ts'
import { RedisApprovalStore } from '../../../src/approval/redis-approval-store.ts'
import { RedisSentStore } from '../../../src/approval/sent/redis-sent-store.ts'
import { sayUnread } from '../../../src/authorizer/open-streams.ts'
import { RedisHoldStore } from '../../../src/lease/hold/redis-hold-store.ts'
import { newApprovalId, partitionOf } from '../../../src/lease/lease-id.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { writeRefusal } from '../../../src/lease/redis/refusals.ts'
import { RedisStreamEnds } from '../../../src/lease/stream/redis-stream-ends.ts'
import { RedisWatchMarks } from '../../../src/lease/stream/redis-watch-marks.ts'
import { RedisDeadLetters } from '../../../src/record/journal/redis/redis-dead-letters.ts'
import { RedisJournalReader } from '../../../src/record/journal/redis/redis-journal-reader.ts'
import { STORE_RIGHTS, type StorePart, userOfPart } from '../../../src/redis/acl.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { PARTITIONS, partitionPrefix } from '../../../src/redis/keys.ts'
import { readStore } from '../../../src/redis/store/read-store.ts'
import { createLogger } from '../../../src/support/logger.ts'
import type { Stores } from '../../support/stores/memory-stores.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { verifyPlain } from '../../support/wire/plain-answer.ts'
import { aLease, answering, asking, creating, revoking } from '../a-lease.ts'
import { storesContract } from '../contract/stores-contract.ts'

const PARTS = ['authorizer', 'broker', 'tap', 'operator'] as const satisfies readonly StorePart[]

let valkey: Valkey
let stores: Stores
const links = new Map<StorePart, RedisLink>()
const as = (part: StorePart) => links.get(part) as RedisLink

beforeAll(async () => {
  valkey = await Valkey.start({ appendfsync: 'everysec' })
  const admin = await valkey.connected()
  for (const part of PARTS) {
    const rights = STORE_RIGHTS[part].split(' ')
    await admin.ask('acl', redis => redis.acl('SETUSER', userOfPart(part), 'on', '>s3', ...rights))
    const url = valkey.url.replace('unix://', `unix://${userOfPart(part)}:s3@`)
    const terms = {
      partitions: PARTITIONS,
      eviction: part === 'tap' || part === 'operator' ? 'whatever' : 'asked',
    } as const
    links.set(part, await valkey.connected({ url, durability: 'everysec', terms }))
  }
  stores = {
    ledger: new RedisLeaseLedger(as('authorizer'), { verifyAnswer: verifyPlain }),
    store: new RedisLeaseStore(as('broker')),
    approvals: new RedisApprovalStore(as('broker')),
  }
})
afterAll(() => valkey.stop())

storesContract('Redis with a user for each part', () => stores)

describe('a user of its own', () => {
  test('is enough for the tap', async () => {
    for (const source of ['10.0.0.1', '10.0.0.2']) {
      await stores.ledger.refuse({ id: 'x', source, now: Date.now(), entry: '{"kind":"decision"' })
    }
    await writeRefusal(as('broker'), { source: 'agent triage', entry: '{"kind":"broker-refusal"' })
    const reader = new RedisJournalReader(as('tap'), { consumer: 'tap' })
    const items = await reader.read(100, AbortSignal.timeout(5000))
    expect(items.length).toBeGreaterThan(0)
    const [first, ...rest] = items
    if (first !== undefined) await reader.setAside({ ...first, problem: 'odd' })
    await reader.acknowledge(rest)
    expect((await reader.lag()).length).toBeGreaterThan(0)
    reader.close()
    // With nothing in hand its name goes.
    await new RedisJournalReader(as('tap'), { consumer: 'another' }).leave()
  })

  test('is enough for an operator: to look, to end a lease, to give dead letters back', async () => {
    expect((await readStore(as('operator'), Date.now)).config.get('maxmemory-policy')).toBe('noeviction')
    const lease = aLease({ agent: `agent-${crypto.randomUUID()}` })
    await stores.store.create(creating(lease))
    const store = new RedisLeaseStore(as('operator'))
    expect(await store.find(lease.id, Date.now())).toMatchObject({ state: { kind: 'active' } })
    const narrowed = { ...lease, narrowed: { times: 1, by: 'ada', reason: '', at: 1 } }
    const asked = { contract: 'narrower', before: lease, now: Date.now(), event: '{}', isByHolder: true }
    const narrowing = { lease: narrowed, ...asked }
    expect(await new RedisLeaseStore(as('broker')).narrow(narrowing)).toBe('narrowed')
    expect(await store.revoke(revoking(lease))).toBe(true)
    const hold = { agent: lease.agent, by: 'op (direct)', reason: 'r', at: Date.now(), until: Date.now() + 60_000 }
    expect(await new RedisHoldStore(as('operator')).place({ hold, event: '{}' })).toEqual(hold)
    expect((await store.list({ agent: lease.agent, after: '', limit: 10 }, Date.now())).items).toEqual([])
    const letters = new RedisDeadLetters(as('operator'))
    const [letter] = await letters.list(10)
    expect(letter !== undefined && (await letters.rescue(letter))).toBe(true)
  })

  const COMMANDS = [
    ['FLUSHALL'],
    ['KEYS', '*'],
    ['SCAN', '0'],
    ['CONFIG', 'SET', 'appendonly', 'no'],
    ['SCRIPT', 'FLUSH'],
    ['FUNCTION', 'LIST'],
    ['SHUTDOWN'],
    ['REPLICAOF', 'NO', 'ONE'],
    ['ACL', 'LIST'],
    ['CLIENT', 'KILL', 'TYPE', 'normal'],
    ['MODULE', 'LIST'],
    ['MONITOR'],
    ['GET', 'a-key-of-others'],
    ['SUBSCRIBE', 'a'],
  ]
  const NO = /NOPERM|can't run this command|No permissions|ACL failure/i

  test.each(PARTS.flatMap(part => COMMANDS.map(command => ({ part, command }))))(
    'of the $part may not $command',
    async ({ part, command }) => {
      const [name = '', ...args] = command
      await expect(as(part).ask(name, redis => redis.call(name, ...args))).rejects.toThrow(NO)
    },
  )

  test.each(PARTS)('of the %s may not do it in a script either', async part => {
    for (const command of ["'GET', 'a-key-of-others'", "'FLUSHALL'"]) {
      const script = `return redis.pcall(${command})['err']`
      expect(await as(part).ask('eval', redis => redis.eval(script, 0))).toMatch(/ACL|permission/i)
    }
  })

  test('is enough to end one stream: the broker says so, the authorizer that it did, and neither the other thing', async () => {
    const lease = aLease({ agent: `agent-${crypto.randomUUID()}` })
    const [broker, authorizer] = [new RedisStreamEnds(as('broker')), new RedisStreamEnds(as('authorizer'))]
    await broker.end({ auditId: 'a-stream', event: '{}' })
    expect(await authorizer.ended([partitionOf(lease.id)])).toContain('a-stream')
    await authorizer.cut({ auditId: 'a-stream', lease: lease.id })
    expect(await broker.wasCut('a-stream')).toBe(true)
    const cuts = `${partitionPrefix(partitionOf(lease.id))}cuts`
    await expect(as('authorizer').ask('zadd', redis => redis.zadd(cuts, 1, 'another'))).rejects.toThrow(NO)
    await expect(as('authorizer').ask('zrem', redis => redis.zrem(cuts, 'a-stream'))).rejects.toThrow(NO)
    await expect(broker.cut({ auditId: 'another', lease: lease.id })).rejects.toThrow(NO)
  })

  test('is enough to watch: the broker marks, the authorizer reads it and can neither mark nor end a watch', async () => {
    const lease = aLease({ agent: `agent-${crypto.randomUUID()}` })
    const [broker, authorizer] = [new RedisWatchMarks(as('broker')), new RedisWatchMarks(as('authorizer'))]
    const watch = { lease: lease.id, id: 'wch_1', by: 'grace' }
    const marking = { ...watch, mark: 'signed', began: '{}', lapsed: '{}' }
    expect(await broker.mark(marking)).toBe(true)
    expect(await authorizer.marks(lease.id)).toEqual(['signed'])
    await expect(authorizer.mark({ ...marking, id: 'wch_2' })).rejects.toThrow(NO)
    await expect(authorizer.leave({ ...watch, event: '{}' })).rejects.toThrow(NO)
    for (const part of ['tap', 'operator'] as const)
      await expect(new RedisWatchMarks(as(part)).marks(lease.id)).rejects.toThrow(NO)
    expect(await broker.leave({ ...watch, event: '{}' })).toBe(true)
    expect(await authorizer.marks(lease.id)).toEqual([])
  })

  test('that has no right to read which streams people ended is an error in the log, not a warning', async () => {
    const levels: unknown[] = []
    const write = (line: string) => void levels.push(JSON.parse(line).level)
    const log = createLogger({ name: 'authorizer', level: 'debug', destination: { write } })
    const refused = await new RedisStreamEnds(as('tap')).ended(['00']).catch((err: unknown) => err)
    sayUnread(log, refused)
    sayUnread(log, new Error('away'))
    expect(levels).toEqual([50, 40])
  })

  test('is enough for plans: the authorizer keeps what was sent, the broker reads it and keeps what it found out', async () => {
    const lease = aLease({ agent: `agent-${crypto.randomUUID()}` })
    const id = newApprovalId(lease.id)
    await stores.store.create(creating(lease))
    await stores.ledger.commit(asking(lease, 'aa', id))
    await new RedisSentStore(as('authorizer')).keepSent(id, 'closed', 60_000, Date.now())
    const broker = new RedisSentStore(as('broker'))
    expect(await broker.claimUnplanned(8)).toContain(id)
    expect(await broker.claimUnplanned(8)).not.toContain(id)
    expect(await broker.sent(id)).toBe('closed')
    expect(await broker.keepPlan(id, 'a plan', 'first')).toBe(true)
    expect(await broker.keepPlan(id, 'another', 'first')).toBe(false)
    expect(await broker.plan(id)).toBe('a plan')
    expect(await broker.keepPlan(newApprovalId(lease.id), 'of nothing', 'first')).toBe(false)
  })

  test('is enough for questions about several requests: the broker asks and keeps what will be sent, the authorizer says who waits', async () => {
    const lease = aLease({ agent: `agent-${crypto.randomUUID()}` })
    await stores.store.create(creating(lease))
    const [id, one] = [newApprovalId(lease.id), newApprovalId(lease.id)]
    const asked = asking(lease, 'aa', one)
    const { digest, subject, about, parts, question } = asked.intent as Extract<
      typeof asked.intent,
      { readonly kind: 'approval' }
    >
    const batches = new RedisBatchStore(as('broker'))
    const member = { id: one, digest, subject, about, parts, question }
    const terms = { now: Date.now(), askMs: 60_000, useMs: 60_000, event: '{"kind":"approval"' }
    const batch = { id, lease, limits: [{}], digest: 'bb', question, members: [member], ...terms }
    expect(await batches.ask(batch)).toEqual({ kind: 'asked' })
    expect(await batches.ask(batch)).toEqual({ kind: 'open', approval: id })
    expect(await batches.ask({ ...batch, digest: 'cc' })).toEqual({ kind: 'moved' })
    expect(await batches.standing(lease, member, Date.now())).toEqual({ asked: one, refused: null })
    await new RedisSentStore(as('broker')).keepSent(one, 'closed', 60_000, Date.now())
    expect(await stores.ledger.commit(asked)).toMatchObject({ kind: 'pending', approval: id })
    const no = { ...answering(id, 'rejected'), members: [{ id: one, proof: 'no', event: '{"kind":"approval"' }] }
    expect((await stores.approvals.answer(no)).kind).toBe('answered')
    expect(await batches.standing(lease, member, Date.now())).toMatchObject({ refused: id })
    await stores.store.revoke(revoking(lease))
    expect(await batches.ask({ ...batch, id: newApprovalId(lease.id) })).toEqual({ kind: 'ended' })
  })

  test('is enough for the broker to take a question back', async () => {
    const lease = aLease({ agent: `agent-${crypto.randomUUID()}` })
    const id = newApprovalId(lease.id)
    await stores.store.create(creating(lease))
    await stores.ledger.commit(asking(lease, 'aa', id))
    const back = { id, agent: lease.agent, why: '', now: Date.now(), event: '{"kind":"approval"}', members: [] }
    expect((await new RedisApprovalStore(as('broker')).withdraw(back)).kind).toBe('answered')
  })

  test('keeps each part from what is not its own', async () => {
    const lease = aLease({ agent: `agent-${crypto.randomUUID()}` })
    const id = newApprovalId(lease.id)
    await stores.store.create(creating(lease))
    await stores.ledger.commit(asking(lease, 'aa', id))
    await stores.approvals.answer(answering(id, 'rejected'))
    await stores.store.revoke(revoking(lease))
    const prefix = partitionPrefix(partitionOf(lease.id))
    const forbidden: readonly (readonly [StorePart, ...string[]])[] = [
      ['tap', 'HGETALL', `${prefix}lease:${lease.id}`],
      ['tap', 'HGETALL', `${prefix}approval:${id}`],
      ['tap', 'DEL', `${prefix}end:${lease.id}`],
      ['tap', 'DEL', `${prefix}once:x`],
      ['tap', 'DEL', '{lg:store}:partitions'],
      ['authorizer', 'HSET', `${prefix}lease:${lease.id}`, 'contract', 'another'],
      ['authorizer', 'DEL', `${prefix}lease:${lease.id}`],
      ['authorizer', 'DEL', `${prefix}end:${lease.id}`],
      ['authorizer', 'DEL', `${prefix}no:${lease.agent}:aa`],
      ['authorizer', 'GET', `${prefix}sent:${id}`],
      ['authorizer', 'SET', `${prefix}plan:${id}`, 'x'],
      ['tap', 'GET', `${prefix}sent:${id}`],
      ['tap', 'GET', `${prefix}plan:${id}`],
      ['authorizer', 'XADD', `${prefix}ends`, '*', 'lease', lease.id],
      ['authorizer', 'ZADD', `${prefix}listed`, '0', lease.id],
      ['broker', 'DEL', `${prefix}taken:${lease.id}`],
      ['broker', 'DEL', `${prefix}once:x`],
      ['operator', 'HSET', `${prefix}approval:${id}`, 'state', 'approved'],
      ['operator', 'DEL', `${prefix}taken:${lease.id}`],
    ]
    for (const [part, name = '', ...args] of forbidden) {
      const trying = as(part).ask(name, redis => redis.call(name, ...args))
      await expect(trying, `${part} ${name} ${args}`).rejects.toThrow(NO)
    }
  })
})
