import { afterAll, beforeAll } from 'vitest'
import { RedisApprovalStore } from '../../../src/approval/redis-approval-store.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { MemoryStores, type Stores } from '../../support/stores/memory-stores.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { verifyPlain } from '../../support/wire/plain-answer.ts'
import { storesContract } from '../contract/stores-contract.ts'

let valkey: Valkey
let redis: Stores
const memory = new MemoryStores()

beforeAll(async () => {
  valkey = await Valkey.start()
  const link = await valkey.connected()
  redis = {
    ledger: new RedisLeaseLedger(link, { verifyAnswer: verifyPlain }),
    store: new RedisLeaseStore(link),
    approvals: new RedisApprovalStore(link),
  }
})
afterAll(() => valkey.stop())

storesContract('Redis', () => redis)
storesContract('memory', () => memory)
