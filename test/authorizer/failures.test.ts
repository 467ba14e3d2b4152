import { describe, expect, test } from 'vitest'
import { authorize } from '../../src/authorizer/authorize.ts'
import type { Surroundings } from '../../src/authorizer/surroundings.ts'
import { RedisError } from '../../src/redis/redis-error.ts'
import { aPolicy, aTemplate } from '../policy/a-policy.ts'
import { aRoad, http, lastEntry, NOW } from './road.ts'

const PODS = '/api/v1/namespaces/x/pods'

/** A template of a name that no header can carry, which the file would not take. */
const oddPolicy = () => aPolicy({ templates: [aTemplate({ name: 'a\nb' })] })

describe('authorize, where something fails', () => {
  test('a store that fails denies, and the denial still says whose request it was', async () => {
    const { around, lease, token, failures } = await aRoad()
    const broken = { commit: () => Promise.reject(new Error('gone')), refuse: () => Promise.reject(new Error('gone')) }
    const ledger = { ...around.ledger, ...broken }
    const decision = await authorize(http(`GET ${PODS}`, token), { ...around, ledger })
    expect(decision).toMatchObject({ kind: 'deny', reason: 'unavailable', key: { agent: 'bot', lease: lease.id } })
    expect(failures).toHaveLength(1)
  })

  test('a store that never answers denies when the deadline has passed', async () => {
    const { around, token } = await aRoad()
    const silent = { commit: () => new Promise<never>(() => undefined), refuse: async () => undefined }
    const ledger = { ...around.ledger, ...silent }
    const decision = await authorize(http(`GET ${PODS}`, token), { ...around, ledger, deadlineMs: 20 })
    expect(decision).toMatchObject({ kind: 'deny', reason: 'unavailable' })
  })

  test('an identity that cannot be verified in time denies', async () => {
    const { around, token } = await aRoad()
    const slow = { ...around, identify: () => new Promise<never>(() => undefined), deadlineMs: 20 }
    expect(await authorize(http(`GET ${PODS}`, token), slow)).toMatchObject({ kind: 'deny', reason: 'unavailable' })
  })

  test('what comes to its commit late is denied, and nothing was taken for it', async () => {
    const { around, stores, token, failures } = await aRoad()
    const before = stores.journal.length
    // Busy, as a process that others use too: no timer fires meanwhile.
    const identify: Surroundings['identify'] = (headers, now) => {
      const from = performance.now()
      while (performance.now() - from < 110);
      return around.identify(headers, now)
    }
    const decision = await authorize(http(`GET ${PODS}`, token), { ...around, identify, deadlineMs: 100 })
    expect(decision).toMatchObject({ kind: 'deny', reason: 'unavailable', detail: '' })
    expect(stores.journal).toHaveLength(before)
    expect(failures).toHaveLength(1)
  })

  test('what was committed is answered, though this process stood still until the deadline had passed', async () => {
    const { around, stores, token } = await aRoad()
    const commit: Surroundings['ledger']['commit'] = async given => {
      const committed = await stores.ledger.commit(given)
      const from = performance.now()
      while (performance.now() - from < 120);
      await new Promise(resolve => setTimeout(resolve, 5))
      return committed
    }
    const ledger = { ...stores.ledger, commit }
    expect((await authorize(http(`GET ${PODS}`, token), { ...around, ledger, deadlineMs: 100 })).kind).toBe('allow')
  })

  test('a fault in one request is a denial of that one, and says where more is to be read', async () => {
    const { around, token, failures } = await aRoad()
    const asking = http(`GET ${PODS}`, token)
    const faulty = {
      ...around,
      policy: () => {
        throw new TypeError('a bug')
      },
    }
    const decision = await authorize(asking, faulty)
    expect(decision).toMatchObject({ kind: 'deny', reason: 'unavailable', detail: expect.stringContaining(asking.id) })
    expect(JSON.stringify(decision)).not.toContain('a bug')
    expect(failures).toHaveLength(1)
    expect((await authorize(http(`GET ${PODS}`, token), around)).kind).toBe('allow')
  })

  test('a full store is called full', async () => {
    const { around, token } = await aRoad()
    const commit = () => Promise.reject(new RedisError('out-of-memory', 'commit: OOM'))
    const decision = await authorize(http(`GET ${PODS}`, token), { ...around, ledger: { ...around.ledger, commit } })
    expect(decision).toMatchObject({ kind: 'deny', reason: 'store-unfit', detail: expect.stringContaining('full') })
  })

  test('a store that allows what the policy denied is not believed', async () => {
    const { around, token } = await aRoad()
    const lying = { commit: async () => ({ kind: 'allowed', approval: null }) as const, refuse: async () => undefined }
    const ledger = { ...around.ledger, ...lying }
    const decision = await authorize(http('GET /api/v1/namespaces/y/pods', token), { ...around, ledger })
    expect(decision).toMatchObject({ kind: 'deny', reason: 'unavailable' })
  })

  test('what cannot be answered is not committed: neither taken from budgets nor journaled as allowed', async () => {
    const { around, stores, lease, token, failures } = await aRoad()
    const odd = { ...around, findLease: async () => ({ ...lease, template: 'a\nb' }), policy: oddPolicy }
    const decision = await authorize(http(`GET ${PODS}`, token), odd)
    expect(decision).toMatchObject({ kind: 'deny', reason: 'unavailable' })
    expect(lastEntry(stores.journal)).toMatchObject({ intent: 'deny', reason: 'unavailable' })
    expect((await stores.store.find(lease.id, NOW))?.taken).toEqual({})
    expect(failures).toHaveLength(1)
  })

  test('a store that leases cannot rest on lets nothing pass, and it is said why', async () => {
    const { around, token, failures } = await aRoad()
    const ledger = {
      ...around.ledger,
      commit: () => Promise.reject(new RedisError('unfit', 'its maxmemory-policy is allkeys-lru')),
    }
    const decision = await authorize(http(`GET ${PODS}`, token), { ...around, ledger })
    expect(decision).toMatchObject({
      kind: 'deny',
      reason: 'store-unfit',
      detail: 'its maxmemory-policy is allkeys-lru',
    })
    expect(failures).toHaveLength(1)
  })
})
