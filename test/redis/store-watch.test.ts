import { createConnection, createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { freePort } from '../../local/process/ports.ts'
import { RedisLeaseLedger } from '../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../src/lease/redis/redis-lease-store.ts'
import { judgeStore } from '../../src/proof/doctor/store/store.ts'
import type { RedisLink } from '../../src/redis/connect/connect-redis.ts'
import { PARTITIONS } from '../../src/redis/keys.ts'
import { readStore } from '../../src/redis/store/read-store.ts'
import type { StoreTerms } from '../../src/redis/store/store-watch.ts'
import { leasegate } from '../cli/leasegate.ts'
import { aLease, committing, creating } from '../lease/a-lease.ts'
import { Valkey } from '../support/stores/valkey.ts'
import { until } from '../support/until.ts'

const closing: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function start(given: { readonly policy?: string } = {}) {
  const valkey = await Valkey.start()
  closing.push(() => valkey.stop())
  const admin = await valkey.connected()
  const setPolicy = (policy: string) =>
    admin.ask('policy', redis => redis.config('SET', 'maxmemory-policy', policy)).then(() => undefined)
  if (given.policy !== undefined) await setPolicy(given.policy)
  return { valkey, admin, setPolicy }
}

const ASKED: StoreTerms = { partitions: PARTITIONS, eviction: 'asked' }

/** What comes of one request: allowed, or why not. */
async function outcome(link: RedisLink): Promise<string> {
  const lease = aLease({ agent: `agent-${crypto.randomUUID()}` })
  try {
    await new RedisLeaseStore(link).create(creating(lease))
    return (await new RedisLeaseLedger(link).commit(committing(lease))).kind
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    return code === 'unfit' ? message : code
  }
}

const EVICTS = 'its maxmemory-policy is allkeys-lru, so it may forget revocations; it must be noeviction'

describe('a store that evicts', () => {
  test('is refused from the start, and says why', async () => {
    const { valkey } = await start({ policy: 'allkeys-lru' })
    const link = valkey.link({ terms: ASKED })
    await until('it to be examined', async () => (await outcome(link)) === EVICTS)
    expect(link.ready).toBe(false)
    expect(link.unready).toBe(`the store cannot be used: ${EVICTS}`)
  })

  test('is refused as soon as it is made one, and taken again once it keeps what it is told', async () => {
    const { valkey, setPolicy } = await start()
    const link = await valkey.connected({ terms: ASKED })
    expect(await outcome(link)).toBe('allowed')
    await setPolicy('allkeys-lru')
    await until('the refusal', async () => (await outcome(link)) === EVICTS)
    await setPolicy('noeviction')
    await until('it to be taken again', async () => (await outcome(link)) === 'allowed')
  })

  test('is found behind a new connection before anything is asked of it', async () => {
    const { valkey } = await start()
    const link = await valkey.connected({ terms: ASKED })
    expect(await outcome(link)).toBe('allowed')
    await valkey.kill()
    await valkey.boot({ 'maxmemory-policy': 'volatile-ttl' })
    const said = new Set<string>()
    await until('it to be examined', async () => {
      said.add(await outcome(link))
      return [...said].some(one => one.includes('volatile-ttl'))
    })
    expect(said).not.toContain('allowed')
  })

  test('may go on being emptied', async () => {
    const { valkey } = await start({ policy: 'allkeys-lru' })
    const link = await valkey.connected({ terms: { partitions: PARTITIONS, eviction: 'whatever' } })
    expect(await link.ask('length', redis => redis.xlen('{lg:00}:journal'))).toBe(0)
  })
})

describe('a store that hides what it is', () => {
  const hiding = async (valkey: Valkey, admin: RedisLink, ...rules: string[]) => {
    const all = ['on', '>s3', 'allkeys', '+@all', '-config', ...rules]
    await admin.ask('acl', redis => redis.acl('SETUSER', 'managed', ...all))
    return valkey.url.replace('unix://', 'unix://managed:s3@')
  }

  test('is asked another way', async () => {
    const { valkey, admin, setPolicy } = await start()
    const url = await hiding(valkey, admin)
    const link = await valkey.connected({ url, terms: ASKED })
    expect(await outcome(link)).toBe('allowed')
    await setPolicy('allkeys-lru')
    await until('the refusal', async () => (await outcome(link)) === EVICTS)
  })

  test('is refused when it says nothing at all, unless somebody promises for it', async () => {
    const { valkey, admin } = await start()
    const url = await hiding(valkey, admin, '-info')
    const link = valkey.link({ url, terms: ASKED })
    await until('it to be examined', () => link.unready?.includes('LEASEGATE_REDIS_EVICTION') === true)
    expect(await outcome(link)).toContain('does not tell its maxmemory-policy')
    const promised = await valkey.connected({ url, terms: { ...ASKED, eviction: 'promised' } })
    expect(await outcome(promised)).toBe('allowed')
  })

  test('is not believed against what it says', async () => {
    const { valkey } = await start({ policy: 'allkeys-lru' })
    const link = valkey.link({ terms: { ...ASKED, eviction: 'promised' } })
    await until('it to be examined', async () => (await outcome(link)) === EVICTS)
  })
})

describe('a store with another number of partitions', () => {
  test('is refused, with what to do, and the first process is not disturbed', async () => {
    const { valkey } = await start()
    const first = await valkey.connected({ terms: ASKED })
    const second = valkey.link({ terms: { ...ASKED, partitions: 8 } })
    await until('it to be examined', () => second.unready?.includes('partitions') === true)
    const said = await outcome(second)
    expect(said).toContain(`set up with ${PARTITIONS} partitions and LEASEGATE_PARTITIONS is 8`)
    expect(said).toContain('delete the key {lg:store}:partitions')
    expect(await outcome(first)).toBe('allowed')
  })

  test('says so to whoever only takes things out, and is not set up by that one', async () => {
    const { valkey, admin } = await start()
    const reader = { partitions: 8, eviction: 'whatever' } as const
    const early = await valkey.connected({ terms: reader })
    expect(await admin.ask('key', redis => redis.exists('{lg:store}:partitions'))).toBe(0)
    await valkey.connected({ terms: ASKED })
    await until('the refusal', () => early.unready?.includes('partitions') === true)
  })
})

describe('another server than before', () => {
  test('is not relied on until whoever worked with the one before had the time to look what is missing', async () => {
    const { valkey } = await start()
    const link = await valkey.connected({ terms: ASKED })
    await valkey.kill()
    const from = performance.now()
    await valkey.boot()
    await until('it to be taken', () => link.ready)
    expect(performance.now() - from).toBeGreaterThan(690)
  })
})

/** The same server, which takes one section of INFO at a time, as all did before Redis 7 and some still do. */
async function older(valkey: Valkey): Promise<string> {
  const server = createServer(socket => {
    const inside = createConnection(join(valkey.dir, 'valkey.sock'))
    socket.on('error', () => inside.destroy())
    inside.on('error', () => socket.destroy())
    socket.on('data', data => {
      inside.write(data.toString('latin1').replace(/(\*[3-9]\r\n\$4\r\n)info/gi, '$1inf0'), 'latin1')
    })
    socket.on('close', () => inside.destroy())
    inside.pipe(socket)
  })
  const port = await freePort()
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  closing.push(() => void server.close())
  return `redis://127.0.0.1:${port}`
}

describe('a store that is no primary of its own', () => {
  test('is refused as a replica by an older server too', async () => {
    const { valkey, admin } = await start()
    const link = valkey.link({ url: await older(valkey), terms: ASKED })
    await until('it to be taken', async () => (await outcome(link)) === 'allowed')
    await admin.ask('replicaof', redis => redis.replicaof('127.0.0.1', 1))
    await until('it to be examined', async () => (await outcome(link)).startsWith('it is a replica'))
  })

  test('is refused in Cluster mode that nobody set, with one node as with many, and so is whoever only takes things out', async () => {
    const { valkey } = await start()
    await valkey.kill()
    await valkey.boot({ port: String(await freePort()), bind: '127.0.0.1', 'cluster-enabled': 'yes' })
    const admin = await valkey.connected()
    await admin.ask('slots', redis => redis.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383'))
    await until('all slots to be served', async () =>
      String(await admin.ask('info', redis => redis.call('CLUSTER', 'INFO'))).includes('cluster_state:ok'),
    )
    const links = [
      valkey.link({ terms: ASKED }),
      valkey.link({ terms: { partitions: PARTITIONS, eviction: 'whatever' } }),
    ]
    for (const link of links) {
      await until('it to be examined', async () => (await outcome(link)).includes('it runs in Cluster mode'))
      expect(link.unready).toMatch(
        /^the store cannot be used: it runs in Cluster mode, and LEASEGATE_REDIS_CLUSTER is not yes/,
      )
    }
    expect(await admin.ask('keys', redis => redis.dbsize())).toBe(0)
    const { findings } = judgeStore(await readStore(admin, Date.now), 'always')
    expect(findings).toEqual([
      expect.objectContaining({
        severity: 'critical',
        what: 'the store runs in Cluster mode, and LEASEGATE_REDIS_CLUSTER is not yes',
      }),
    ])
    const { code, stdout } = await leasegate(['doctor'], { LEASEGATE_REDIS_URL: valkey.url })
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('the store runs in Cluster mode') })
  })

  test('is refused as a replica, and taken once it leads', async () => {
    const { valkey, admin } = await start()
    await admin.ask('replicaof', redis => redis.replicaof('127.0.0.1', 1))
    const link = valkey.link({ terms: ASKED })
    await until('it to be examined', async () => (await outcome(link)).startsWith('it is a replica'))
    await admin.ask('lead', redis => redis.replicaof('NO', 'ONE'))
    await until('it to be taken', async () => (await outcome(link)) === 'allowed')
  })
})
