import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RedisApprovalStore } from '../../src/approval/redis-approval-store.ts'
import { RedisLeaseLedger } from '../../src/lease/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../src/lease/redis-lease-store.ts'
import { RedisJournalReader } from '../../src/record/journal/redis-journal-reader.ts'
import { STORE_RIGHTS } from '../../src/redis/acl.ts'
import type { RedisLink } from '../../src/redis/connect-redis.ts'
import type { Stores } from '../support/memory-stores.ts'
import { verifyPlain } from '../support/plain-answer.ts'
import { Valkey } from '../support/valkey.ts'
import { storesContract } from './stores-contract.ts'

let valkey: Valkey
let link: RedisLink
let stores: Stores

beforeAll(async () => {
  valkey = await Valkey.start()
  const admin = await valkey.connected()
  await admin.ask('acl', redis => redis.acl('SETUSER', 'leasegate', 'on', '>s3', ...STORE_RIGHTS.split(' ')))
  link = await valkey.connected({ url: valkey.url.replace('unix://', 'unix://leasegate:s3@') })
  stores = {
    ledger: new RedisLeaseLedger(link, { verifyAnswer: verifyPlain }),
    store: new RedisLeaseStore(link),
    approvals: new RedisApprovalStore(link),
  }
})
afterAll(() => valkey.stop())

storesContract('Redis with a user of its own', () => stores)

describe('a user of its own', () => {
  test('is enough for the tap', async () => {
    const reader = new RedisJournalReader(link, { consumer: 'tap' })
    expect((await reader.read(100, AbortSignal.timeout(5000))).length).toBeGreaterThan(0)
    expect((await reader.lag()).length).toBeGreaterThan(0)
    reader.close()
    // With nothing in hand its name goes.
    await new RedisJournalReader(link, { consumer: 'another' }).leave()
  })

  test.each([
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
  ])('may not %s %s %s', async (...command) => {
    const [name = '', ...args] = command.filter(part => part !== undefined)
    await expect(link.ask(name, redis => redis.call(name, ...args))).rejects.toThrow(
      /NOPERM|can't run this command|No permissions|ACL failure/i,
    )
  })

  test.each(["'GET', 'a-key-of-others'", "'FLUSHALL'"])('may not do it in a script either: %s', async command => {
    const script = `return redis.pcall(${command})['err']`
    expect(await link.ask('eval', redis => redis.eval(script, 0))).toMatch(/ACL|permission/i)
  })

  test('is in the README as it is', async () => {
    expect(await readFile(new URL('../../README.md', import.meta.url), 'utf8')).toContain(STORE_RIGHTS)
  })
})
