import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RedisApprovalStore } from '../../src/approval/redis-approval-store.ts'
import { newApprovalId, partitionOf } from '../../src/lease/lease-id.ts'
import { RedisLeaseLedger } from '../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../src/lease/redis/redis-lease-store.ts'
import type { RedisLink } from '../../src/redis/connect/connect-redis.ts'
import { partitionPrefix } from '../../src/redis/keys.ts'
import { aLease, answering, aQuestion, asking, creating } from '../lease/a-lease.ts'
import { Valkey } from '../support/stores/valkey.ts'

/** What every approval store does is in test/lease/contract/stores-contract.ts; here is what only Redis can get wrong. */
describe('RedisApprovalStore', () => {
  let valkey: Valkey
  let link: RedisLink
  let approvals: RedisApprovalStore

  beforeAll(async () => {
    valkey = await Valkey.start()
    link = await valkey.connected()
    approvals = new RedisApprovalStore(link)
  })
  afterAll(() => valkey.stop())

  async function ask(digest: string): Promise<string> {
    const lease = aLease()
    await new RedisLeaseStore(link).create(creating(lease))
    const id = newApprovalId(lease.id)
    await new RedisLeaseLedger(link).commit(asking(lease, digest, id))
    return id
  }

  test('a question comes back as it was asked', async () => {
    const id = await ask('aa')
    const found = await approvals.find(id, Date.now())
    expect(found?.question).toEqual({ ...aQuestion(aLease()), lease: found?.lease })
  })

  test('one that cannot be read is an error by its id and hides no other', async () => {
    const [good, spoiled] = [await ask('bb'), await ask('cc')]
    const key = `${partitionPrefix(partitionOf(spoiled))}approval:${spoiled}`
    for (const [field, value] of [
      ['question', '{'],
      ['question', '{}'],
      ['state', 'yes'],
      ['endsAt', 'never'],
    ] as const) {
      const saved = await link.ask('save', redis => redis.hget(key, field))
      await link.ask('spoil', redis => redis.hset(key, field, value))
      await expect(approvals.find(spoiled, Date.now())).rejects.toMatchObject({ code: 'bad-reply' })
      const ids = (await approvals.pending({ agent: null, after: '', limit: 1000 }, Date.now())).items.map(
        ({ id }) => id,
      )
      expect(ids).toContain(good)
      expect(ids).not.toContain(spoiled)
      await link.ask('mend', redis => redis.hset(key, field, saved ?? ''))
    }
  })

  test('an answer finds room in a store that is full, so that a no stops what it should', async () => {
    const [refused, granted] = [await ask('dd'), await ask('ee')]
    await link.ask('limit', redis => redis.config('SET', 'maxmemory', '1'))
    try {
      expect(await approvals.answer(answering(refused, 'rejected'))).toMatchObject({ kind: 'answered' })
      expect(await approvals.answer(answering(granted, 'approved'))).toMatchObject({ kind: 'answered' })
    } finally {
      await link.ask('limit', redis => redis.config('SET', 'maxmemory', '0'))
    }
    expect(await approvals.find(refused, Date.now())).toMatchObject({ state: 'rejected' })
  })

  test('an id of another form is unknown and reaches no key', async () => {
    for (const id of ['', 'apr_', aLease().id, `${newApprovalId(aLease().id).slice(0, -2)}ff`]) {
      expect(await approvals.find(id, Date.now())).toBeNull()
      expect(await approvals.answer(answering(id, 'approved'))).toEqual({ kind: 'unknown' })
    }
  })
})
