import { describe, expect, test } from 'vitest'
import { leaseCache } from '../../../src/authorizer/lease-cache.ts'
import { aLease } from '../../lease/a-lease.ts'

describe('leaseCache', () => {
  test('a contract is read once, since it never changes', async () => {
    const lease = aLease()
    let reads = 0
    const find = leaseCache(async () => {
      reads += 1
      return lease
    }, 10)
    expect(await find(lease.id)).toBe(lease)
    expect(await find(lease.id)).toBe(lease)
    expect(reads).toBe(1)
  })

  test('an unknown lease is asked for again: it may be there a moment later', async () => {
    const lease = aLease()
    const answers = [null, lease]
    const find = leaseCache(async () => answers.shift() ?? null, 10)
    expect(await find(lease.id)).toBeNull()
    expect(await find(lease.id)).toBe(lease)
  })

  test("a contract under another lease's id is nobody's", async () => {
    const lease = aLease()
    const find = leaseCache(async () => lease, 10)
    expect(await find(aLease().id)).toBeNull()
  })

  test('no more are kept than asked for, give or take one generation', async () => {
    let reads = 0
    const leases = new Map(Array.from({ length: 30 }, () => aLease()).map(lease => [lease.id, lease]))
    const find = leaseCache(async id => {
      reads += 1
      return leases.get(id) ?? null
    }, 5)
    for (const id of leases.keys()) await find(id)
    for (const id of leases.keys()) await find(id)
    expect(reads).toBeGreaterThan(40)
  })
})
