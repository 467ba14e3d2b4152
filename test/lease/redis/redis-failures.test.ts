import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Committed } from '../../../src/lease/committed.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { partitionOf } from '../../../src/lease/lease-id.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { DEADLINE_MS } from '../../../src/redis/server-link.ts'
import { Valkey, type ValkeyOptions } from '../../support/stores/valkey.ts'
import { stretched, until } from '../../support/until.ts'
import { SlowProxy } from '../../support/wire/slow-proxy.ts'
import { aLease, committing, creating, revoking } from '../a-lease.ts'

const closing: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function start(options: ValkeyOptions = {}, durability: 'always' | 'everysec' = 'always') {
  const valkey = await Valkey.start(options)
  closing.push(() => valkey.stop())
  const link = await valkey.connected({ durability, deadlineMs: DEADLINE_MS })
  return { valkey, link, ledger: new RedisLeaseLedger(link), store: new RedisLeaseStore(link) }
}

async function journal(link: RedisLink, lease: Lease): Promise<string[]> {
  const key = `${partitionPrefix(partitionOf(lease.id))}journal`
  const items = await link.ask('journal', redis => redis.xrange(key, '-', '+'))
  return items.map(([, fields]) => fields[1] ?? '')
}

async function timed<T>(work: Promise<T>): Promise<{ ms: number; code: unknown }> {
  const from = performance.now()
  const code = await work.then(
    () => 'answered',
    error => error.code,
  )
  return { ms: performance.now() - from, code }
}

describe('Redis killed', () => {
  test('loses no answered commit, brings no revoked lease back, and serves again within two seconds', async () => {
    const { valkey, link, ledger, store } = await start()
    const [lease, ended] = [aLease(), aLease()]
    for (const one of [lease, ended]) await store.create(creating(one))
    const allowed: string[] = []
    let running = true
    const load = Array.from({ length: 20 }, async () => {
      while (running) {
        const commit = committing(lease, { intent: { kind: 'allow', take: ['requests'] } })
        const told = await ledger.commit({ ...commit, entry: commit.id }).catch(() => null)
        if (told?.kind === 'allowed') allowed.push(commit.id)
        await new Promise(setImmediate)
      }
    })
    await until('some commits', () => allowed.length > 500)
    expect(await store.revoke(revoking(ended))).toBe(true)
    await valkey.kill()
    running = false
    await Promise.all(load)

    const gone = await timed(ledger.commit(committing(lease)))
    expect(gone.code).toBe('unavailable')
    expect(gone.ms).toBeLessThan(stretched(300))

    await valkey.boot()
    const back = performance.now()
    await until(
      'commits again',
      async () => (await ledger.commit(committing(lease)).catch(() => null))?.kind === 'allowed',
    )
    expect(performance.now() - back).toBeLessThan(stretched(2000))
    const entries = await journal(link, lease)
    expect(allowed.filter(id => entries.filter(entry => entry === id).length !== 1)).toEqual([])
    expect(await ledger.commit(committing(ended))).toMatchObject({ kind: 'ended', state: { kind: 'revoked' } })
    const taken = (await store.find(lease.id, Date.now()))?.taken.requests ?? 0
    expect(taken).toBeGreaterThanOrEqual(allowed.length)
  })

  test('right after a revocation was acknowledged, the lease stays revoked also where the disk is written once a second', async () => {
    const { valkey, ledger, store } = await start({ appendfsync: 'everysec' }, 'everysec')
    const lease = aLease()
    await store.create(creating(lease))
    await store.revoke(revoking(lease))
    await valkey.kill()
    await valkey.boot()
    await until('an answer', async () => (await ledger.states([lease.id], Date.now()).catch(() => null)) !== null)
    expect(await ledger.states([lease.id], Date.now())).toMatchObject([{ kind: 'revoked' }])
  })

  test('followers of ends miss none and hear each once', async () => {
    const { valkey, ledger, store } = await start()
    const heard: string[] = []
    const stop = new AbortController()
    const following = ledger.followEnds(news => news.kind === 'lease' && heard.push(news.lease), stop.signal)
    const revoked: string[] = []
    const endOne = async () => {
      const lease = aLease({ agent: `agent-${revoked.length}` })
      await store.create(creating(lease))
      await store.revoke(revoking(lease))
      revoked.push(lease.id)
    }
    await until('a first end to be heard', async () => {
      await endOne()
      return heard.length > 0
    })
    heard.splice(0)
    revoked.splice(0)
    for (let round = 0; round < 3; round++) {
      await valkey.kill()
      await valkey.boot()
      await until('an end', async () => (await endOne().catch(() => null)) !== null)
    }
    await until('all ends', () => revoked.every(id => heard.includes(id)))
    expect(new Set(heard).size).toBe(heard.length)
    stop.abort()
    await following
  })
})

describe('Redis frozen', () => {
  test('every call fails within 300 ms, later ones at once, and what came later is not run when it wakes', async () => {
    const { valkey, link, ledger, store } = await start()
    const lease = aLease()
    await store.create(creating(lease))
    valkey.freeze()
    const early = await Promise.all([1, 2, 3].map(() => timed(ledger.commit(committing(lease)))))
    expect(early.map(({ code }) => code)).toEqual(expect.arrayContaining(['timeout']))
    expect(Math.max(...early.map(({ ms }) => ms))).toBeLessThan(stretched(300))
    await until('the connection to be given up', () => !link.ready)
    const late = await timed(ledger.commit(committing(lease, { entry: 'late' })))
    expect(late.code).toBe('unavailable')
    expect(late.ms).toBeLessThan(stretched(50))
    valkey.thaw()
    const awake = performance.now()
    await until(
      'commits again',
      async () => (await ledger.commit(committing(lease)).catch(() => null))?.kind === 'allowed',
    )
    expect(performance.now() - awake).toBeLessThan(stretched(2000))
    expect(await journal(link, lease)).not.toContain('late')
  })
})

describe('Redis slow', () => {
  test('a commit whose answer came too late is not run twice when it is asked again', async () => {
    const { valkey, link: direct, store } = await start()
    const path = join(valkey.dir, 'slow.sock')
    const proxy = await SlowProxy.listen(path, join(valkey.dir, 'valkey.sock'))
    closing.push(() => proxy.close())
    const link = await valkey.connected({ url: `unix://${path}`, deadlineMs: DEADLINE_MS })
    const ledger = new RedisLeaseLedger(link)
    const lease = aLease({ budgets: { requests: 1 } })
    await store.create(creating(lease))
    proxy.delayMs = 100
    expect(await ledger.contract(lease.id)).toBe(`contract of ${lease.id}`)
    proxy.delayMs = 400
    const commit = committing(lease, { intent: { kind: 'allow', take: ['requests'] }, entry: 'once' })
    const { ms, code } = await timed(ledger.commit(commit))
    expect(code).toBe('timeout')
    expect(ms).toBeLessThan(stretched(300))
    await until('it to be in the journal', async () => (await journal(direct, lease)).includes('once'))
    proxy.delayMs = 0
    let again: Committed | null = null
    await until('an answer', async () => {
      again = await ledger.commit(commit).catch(() => null)
      return again !== null
    })
    expect(again).toMatchObject({ kind: 'allowed', approval: null })
    expect((await journal(direct, lease)).filter(entry => entry === 'once')).toHaveLength(1)
  })
})

describe('Redis full', () => {
  test('nothing is allowed and nothing half done at the memory limit, and a revocation still works', async () => {
    const { link, ledger, store } = await start()
    const [lease, other] = [aLease({ budgets: { requests: 100 } }), aLease()]
    for (const one of [lease, other]) await store.create(creating(one))
    await link.ask('limit', redis => redis.config('SET', 'maxmemory', '1'))
    const take = { kind: 'allow', take: ['requests'] } as const
    await expect(ledger.commit(committing(lease, { intent: take }))).rejects.toMatchObject({ code: 'out-of-memory' })
    await expect(store.create(creating(aLease()))).rejects.toMatchObject({ code: 'out-of-memory' })
    expect(await store.find(lease.id, Date.now())).toMatchObject({ state: { kind: 'active' }, taken: {} })
    expect(await journal(link, lease)).toHaveLength(2)
    expect(await store.revoke(revoking(lease))).toBe(true)
    expect(await ledger.states([lease.id, other.id], Date.now())).toMatchObject([
      { kind: 'revoked' },
      { kind: 'active' },
    ])
    await link.ask('limit', redis => redis.config('SET', 'maxmemory', '0'))
    expect(await ledger.commit(committing(lease))).toMatchObject({ kind: 'ended', state: { kind: 'revoked' } })
    expect(await ledger.commit(committing(other))).toMatchObject({ kind: 'allowed' })
  })

  test('past the high mark of the journal risky requests are denied and recorded, past the hard limit all are denied', async () => {
    const { link, store } = await start()
    const ledger = new RedisLeaseLedger(link, { journalHighMark: 3, journalHardLimit: 5 })
    const lease = aLease()
    await store.create(creating(lease))
    const commit = (risky: boolean) => ledger.commit(committing(lease, { risky }))
    expect(await commit(true)).toMatchObject({ kind: 'allowed' })
    expect(await commit(true)).toMatchObject({ kind: 'allowed' })
    expect(await commit(true)).toEqual({ kind: 'journal-full' })
    expect(await commit(false)).toMatchObject({ kind: 'allowed' })
    expect(await journal(link, lease)).toHaveLength(5)
    expect(await commit(false)).toEqual({ kind: 'journal-full' })
    expect(await ledger.commit(committing(lease, { intent: { kind: 'deny' } }))).toEqual({ kind: 'journal-full' })
    expect(await journal(link, lease)).toHaveLength(5)
    const strict = new RedisLeaseStore(link, { journalHardLimit: 5 })
    await expect(strict.create(creating(aLease()))).rejects.toMatchObject({ code: 'journal-full' })
    expect(await strict.revoke(revoking(lease))).toBe(true)
  })

  test('a few long entries count as much as many short ones, denials with them', async () => {
    const { link, store } = await start()
    const ledger = new RedisLeaseLedger(link, { journalHighBytes: 20_000, journalHardBytes: 40_000 })
    const lease = aLease()
    await store.create(creating(lease))
    const entry = 'x'.repeat(8000)
    const deny = () => ledger.commit(committing(lease, { entry, intent: { kind: 'deny' } }))
    for (let i = 0; i < 3; i++) expect(await deny()).toEqual({ kind: 'denied' })
    expect(await ledger.commit(committing(lease, { risky: true }))).toEqual({ kind: 'journal-full' })
    expect(await ledger.commit(committing(lease))).toMatchObject({ kind: 'allowed' })
    for (let i = 0; i < 2; i++) await deny()
    expect(await deny()).toEqual({ kind: 'journal-full' })
    expect(await ledger.commit(committing(lease))).toEqual({ kind: 'journal-full' })
    const strict = new RedisLeaseStore(link, { journalHardBytes: 40_000 })
    await expect(strict.create(creating(aLease()))).rejects.toMatchObject({ code: 'journal-full' })
  })
})

describe('Redis tampered with or forgetful', () => {
  test('scripts that the server forgot are sent again, each run once', async () => {
    const { link, ledger, store } = await start()
    const lease = aLease()
    await store.create(creating(lease))
    await ledger.commit(committing(lease))
    await link.ask('flush', redis => redis.script('FLUSH'))
    const commits = Array.from({ length: 30 }, (_, i) => committing(lease, { entry: `flushed ${i}` }))
    const kinds = (await Promise.all(commits.map(commit => ledger.commit(commit)))).map(({ kind }) => kind)
    expect(kinds).toEqual(Array(30).fill('allowed'))
    const entries = (await journal(link, lease)).filter(entry => entry.startsWith('flushed'))
    expect(entries.toSorted()).toEqual(commits.map(({ entry }) => entry).toSorted())
  })

  test('a revoked lease whose contract is written again stays revoked', async () => {
    const { link, ledger, store } = await start()
    const lease = aLease()
    await store.create(creating(lease))
    const key = `${partitionPrefix(partitionOf(lease.id))}lease:${lease.id}`
    const saved = await link.ask('save', redis => redis.hgetall(key))
    await store.revoke(revoking(lease))
    await link.ask('forget', redis => redis.del(key))
    await expect(store.create(creating(lease))).rejects.toMatchObject({ code: 'not-creatable' })
    await link.ask('restore', redis => redis.hset(key, saved))
    expect(await ledger.commit(committing(lease))).toMatchObject({ kind: 'ended', state: { kind: 'revoked' } })
    expect(await ledger.states([lease.id], Date.now())).toMatchObject([{ kind: 'revoked' }])
  })

  test('a lease whose stored end is not a number has ended', async () => {
    const { link, ledger, store } = await start()
    const lease = aLease()
    await store.create(creating(lease))
    const key = `${partitionPrefix(partitionOf(lease.id))}lease:${lease.id}`
    await link.ask('spoil', redis => redis.hset(key, 'expiresAt', 'never'))
    expect(await ledger.commit(committing(lease))).toEqual({ kind: 'ended', state: { kind: 'expired' } })
  })

  test('a request id brings no result for another question', async () => {
    const { ledger, store } = await start()
    const [lease, other] = [aLease(), aLease()]
    for (const one of [lease, other]) await store.create(creating(one))
    const denied = committing(lease, { intent: { kind: 'deny' } })
    const allowed = committing(lease)
    await ledger.commit(denied)
    await ledger.commit(allowed)
    await expect(ledger.commit(committing(lease, { id: denied.id }))).rejects.toMatchObject({ code: 'refused' })
    await expect(ledger.commit(committing(other, { id: allowed.id }))).rejects.toMatchObject({ code: 'refused' })
  })

  test('an answer that no script of ours gives allows nothing', async () => {
    const { link, ledger, store } = await start()
    const lease = aLease()
    await store.create(creating(lease))
    const commit = committing(lease)
    const once = `${partitionPrefix(partitionOf(lease.id))}once:${commit.id}`
    for (const forged of ['{"kind":"allowed"}', '{"kind":"allow"}', '', 'OK', '[]', '{"kind":"ended","state":{}}']) {
      await link.ask('forge', redis => redis.set(once, `${lease.id} allow \n${forged}`))
      await expect(ledger.commit(commit)).rejects.toMatchObject({ code: 'bad-reply' })
    }
  })
})
