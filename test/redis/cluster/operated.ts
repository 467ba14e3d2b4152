import { describe, expect, test } from 'vitest'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { judgeAnyStore } from '../../../src/proof/doctor/store/any-store.ts'
import { RedisJournalReader } from '../../../src/record/journal/redis/redis-journal-reader.ts'
import { CLUSTER_RIGHTS, STORE_RIGHTS, type StorePart, userOfPart } from '../../../src/redis/acl.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { readStore } from '../../../src/redis/store/read-store.ts'
import { leasegate } from '../../cli/leasegate.ts'
import { aLease, committing, creating, revoking } from '../../lease/a-lease.ts'
import { until } from '../../support/until.ts'
import { authorizers, broker, givenEverywhere, nobodyAllows, set, TERMS } from './the-store.ts'

describe('a store in Cluster mode, as who operates it sees it', () => {
  test('with a user of its own each part can do its work there, and no more than elsewhere', async () => {
    for (const part of ['authorizer', 'broker', 'tap', 'operator'] as const) {
      const rights = `${STORE_RIGHTS[part]} ${CLUSTER_RIGHTS}`.split(' ')
      for (const port of set.ports) await set.command(port, 'ACL', 'SETUSER', userOfPart(part), 'on', '>s3', ...rights)
    }
    const as = (part: StorePart, more: object = {}) =>
      set.connect({ url: set.url.replace('//', `//${userOfPart(part)}:s3@`), terms: TERMS, ...more })
    const [its, ledger] = [new RedisLeaseStore(as('broker')), new RedisLeaseLedger(as('authorizer'))]
    const lease = aLease({ expiresAt: Date.now() + 600_000 })
    await until('it to be given', async () => (await its.create(creating(lease)).catch(() => null))?.kind === 'created')
    await until(
      'it to be taken',
      async () => (await ledger.commit(committing(lease)).catch(() => null))?.kind === 'allowed',
    )
    const reader = new RedisJournalReader(as('tap', { terms: { ...TERMS, eviction: 'whatever' } }), { consumer: 'its' })
    const read = async () => reader.read(1000, new AbortController().signal).catch(() => [])
    await until('something to be read', async () => {
      const items = await read()
      await reader.acknowledge(items)
      return items.length > 0
    })
    const operator = as('operator', { terms: null })
    await until('the operator to be there', () => operator.ready)
    expect(await new RedisLeaseStore(operator).revoke(revoking(lease))).toBe(true)
    const wrong = as('tap', { terms: null })
    await until('the tap to be there', () => wrong.ready)
    await expect(new RedisLeaseStore(wrong).revoke(revoking(lease))).rejects.toMatchObject({ code: 'refused' })
    reader.close()
  })

  test('whoever comes with another number of partitions is refused in all of them', async () => {
    const wrong = set.connect({ cluster: { partitions: 3 }, terms: { ...TERMS, partitions: 3 } })
    await until('it to be examined', () => wrong.unready?.includes('set up with 4 partitions') === true)
    await expect(new RedisLeaseStore(wrong).create(creating(aLease()))).rejects.toMatchObject({ code: 'unfit' })
    wrong.close()
  })

  test('the doctor looks at each node, and says what is wrong with which', async () => {
    const { findings, seen } = judgeAnyStore(await readStore(broker, Date.now), 'always', 1)
    expect(seen).toHaveLength(broker.servers().length)
    expect(findings.filter(({ severity }) => ['critical', 'error'].includes(severity))).toEqual([])
    const port = await set.ownerOf(partitionPrefix('02'))
    await set.command(port, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru', 'cluster-allow-reads-when-down', 'yes')
    const { code, stdout } = await leasegate(['doctor'], { ...set.env, LEASEGATE_DURABILITY: 'always' })
    await set.command(port, 'CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'cluster-allow-reads-when-down', 'no')
    expect(stdout).toContain(`127.0.0.1:${port} answers what is only read also when it is cut off`)
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: expect.stringContaining(`127.0.0.1:${port}: the store's maxmemory-policy is allkeys-lru`),
    })
  })

  test('nobody is ready where the node that counts the partitions cannot be used', async () => {
    const port = await set.ownerOf('{lg:store}:')
    await set.command(port, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    const [link] = authorizers
    await until('it to be seen', () => link?.unreadyInFull?.includes('its maxmemory-policy is allkeys-lru') === true)
    expect(link?.ready).toBe(false)
    await set.command(port, 'CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    await until('it to be ready again', () => link?.ready === true)
  })

  test('by commands that go past the broker, leases of all partitions end', async () => {
    const leases = await givenEverywhere()
    const revoke = ['lease', 'revoke', '--all', '--direct', '--reason', 'drill']
    const { code, stderr } = await leasegate(revoke, {
      ...set.env,
      LEASEGATE_DURABILITY: 'always',
      LEASEGATE_PUBLIC_KEYS_FILE: '/nowhere/keys.json',
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    await nobodyAllows(leases)
  })
})
