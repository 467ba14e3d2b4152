import { writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { createServer as createTls, type Server as TlsServer } from 'node:tls'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../local/process/ports.ts'
import type { Lease } from '../../src/lease/lease.ts'
import { RedisLeaseLedger } from '../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../src/lease/redis/redis-lease-store.ts'
import type { RedisLink } from '../../src/redis/connect/connect-redis.ts'
import { PARTITIONS } from '../../src/redis/keys.ts'
import { DEADLINE_MS } from '../../src/redis/server-link.ts'
import { leasegate } from '../cli/leasegate.ts'
import { aLease, committing, creating, revoking } from '../lease/a-lease.ts'
import { anAuthority, SERVER } from '../support/certificates/an-authority.ts'
import { PRIMARY, SENTINEL_LOGIN, WatchedValkeys } from '../support/stores/watched-valkeys.ts'
import { stretched, until } from '../support/until.ts'

const TERMS = { partitions: PARTITIONS, eviction: 'asked' } as const
/** From the moment that the sentinels name another primary. */
const BACK_MS = 5000

let set: WatchedValkeys
let authorizers: readonly RedisLink[]
let broker: RedisLink
let store: RedisLeaseStore

beforeAll(async () => {
  set = await WatchedValkeys.start(2)
  authorizers = [0, 1].map(() => set.connect({ terms: TERMS }))
  broker = set.connect({ terms: TERMS, durability: 'everysec', replicas: 1, deadlineMs: 2000 })
  store = new RedisLeaseStore(broker)
  await until('all to be connected', () => [...authorizers, broker].every(link => link.ready))
}, 120_000)
afterAll(() => set?.stop())

/** A lease that is there; a failover may have ended those of before. */
async function given(): Promise<Lease> {
  const lease = aLease({ agent: `agent-${crypto.randomUUID()}`, expiresAt: Date.now() + 600_000 })
  await until(
    'a lease to be given',
    async () => (await store.create(creating(lease)).catch(() => null))?.kind === 'created',
  )
  return lease
}

async function revoked(lease: Lease): Promise<boolean> {
  return store.revoke(revoking(lease)).catch(() => false)
}

interface Told {
  readonly slowest: number
  readonly allowed: number
  readonly refused: ReadonlySet<string>
}

/** Requests of two authorizers for a lease, one after the other, while something happens. */
async function during(lease: () => Lease, happens: () => Promise<void>): Promise<Told> {
  let [slowest, allowed, isOver] = [0, 0, false]
  const refused = new Set<string>()
  const asking = authorizers.map(async link => {
    const ledger = new RedisLeaseLedger(link)
    while (!isOver) {
      const from = performance.now()
      const told = await ledger.commit(committing(lease())).catch((error: { code: string }) => error.code)
      slowest = Math.max(slowest, performance.now() - from)
      if (typeof told === 'string') refused.add(told)
      else if (told.kind === 'allowed') allowed++
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  })
  await happens().finally(() => {
    isOver = true
  })
  await Promise.all(asking)
  return { slowest, allowed, refused }
}

async function serves(): Promise<void> {
  const lease = await given()
  for (const link of authorizers) {
    const commit = () => new RedisLeaseLedger(link).commit(committing(lease)).catch(() => null)
    await until('requests to be allowed', async () => (await commit())?.kind === 'allowed')
  }
}

async function nobodyAllows(leases: readonly Lease[]): Promise<void> {
  const ledgers = [...authorizers, ...authorizers].map(link => new RedisLeaseLedger(link))
  for (const lease of leases) {
    for (const ledger of ledgers) expect(await ledger.commit(committing(lease))).toMatchObject({ kind: 'ended' })
  }
}

/** Denied, or not answered. */
async function nobodyAllowed(lease: Lease): Promise<void> {
  for (const link of [...authorizers, ...authorizers]) {
    const told = await new RedisLeaseLedger(link).commit(committing(lease)).catch(() => null)
    expect(told?.kind ?? 'ended').toBe('ended')
  }
}

/** Whoever made it a replica closed its connections, ours too. */
async function isFollowing(port: number): Promise<boolean> {
  const said = String(await set.command(port, 'INFO', 'replication').catch(() => ''))
  return said.includes('role:slave') && said.includes('master_link_status:up')
}

async function newPrimary(old: number): Promise<number> {
  await until('the sentinels to name another primary', async () => ![old, 0].includes(await set.primary()), 60_000)
  return set.primary()
}

describe('a store that sentinels watch', () => {
  test('requests are served by its primary, and each process says which one', async () => {
    await serves()
    expect(authorizers.map(link => link.unreadyInFull)).toEqual([null, null])
    expect(await broker.sentinels()).toEqual(
      set.sentinels.map(({ port }) => ({
        sentinel: `127.0.0.1:${port}`,
        kind: 'primary',
        at: { host: '127.0.0.1', port: set.ports[0] },
        epoch: 0,
        others: 2,
      })),
    )
  })

  test('requests go on while no sentinel answers, and whoever comes then is told so', async () => {
    const lease = await given()
    set.freezeSentinels()
    const late = set.connect()
    try {
      const { allowed, refused } = await during(
        () => lease,
        () => until('a reason', () => late.unreadyInFull?.includes('no sentinel tells where') === true),
      )
      expect(allowed).toBeGreaterThan(20)
      expect([...refused]).toEqual([])
      expect(late.unreadyInFull).toContain(`127.0.0.1:${set.sentinels[0]?.port} no answer`)
    } finally {
      set.thawSentinels()
    }
    await until('the late one to be led to the primary', () => late.ready)
    late.close()
  })

  test('a primary that is killed under requests: each is answered in time, no end comes back, and another one serves in seconds', async () => {
    const old = await set.primary()
    const [lease, ended] = [await given(), await given()]
    expect(await revoked(ended)).toBe(true)
    let back = 0
    const { slowest, allowed, refused } = await during(
      () => lease,
      async () => {
        await set.kill(old)
        await newPrimary(old)
        const from = performance.now()
        await serves()
        back = performance.now() - from
      },
    )
    expect(back).toBeLessThan(stretched(BACK_MS))
    expect(slowest).toBeLessThan(stretched(DEADLINE_MS + 100))
    expect(allowed).toBeGreaterThan(0)
    expect([...refused]).toContain('unavailable')
    await nobodyAllows([ended])
  }, 120_000)

  test('the former primary comes back as a replica, and nothing is ever written to it as to a primary', async () => {
    const now = await set.primary()
    const old = set.ports.find(port => port !== now && port === set.ports[0]) ?? 0
    await set.boot(old)
    const lease = await given()
    const { allowed, refused } = await during(
      () => lease,
      () => until('it to follow', () => isFollowing(old), 60_000),
    )
    expect(allowed).toBeGreaterThan(0)
    expect([...refused]).toEqual([])
    // Its primary sends it what came of scripts, and none.
    expect(String(await set.command(old, 'INFO', 'commandstats'))).not.toMatch(/cmdstat_eval/)
    expect(String(await set.command(now, 'INFO', 'commandstats'))).toMatch(/cmdstat_eval/)
  }, 120_000)

  test('a failover by command: the former primary is left, ends stay', async () => {
    const old = await set.primary()
    const [lease, ended] = [await given(), await given()]
    let isEnded = false
    let back = 0
    const { slowest } = await during(
      () => lease,
      async () => {
        await until(
          'the sentinels to agree',
          async () => (await set.tell(0, 'FAILOVER', PRIMARY).catch(() => null)) === 'OK',
        )
        // While it goes on: whatever is acknowledged has to hold.
        await until('an end to be acknowledged', async () => {
          isEnded ||= await revoked(ended)
          return isEnded
        })
        await nobodyAllowed(ended)
        await newPrimary(old)
        const from = performance.now()
        await serves()
        back = performance.now() - from
      },
    )
    expect(slowest).toBeLessThan(stretched(DEADLINE_MS + 100))
    expect(back).toBeLessThan(stretched(BACK_MS))
    await nobodyAllows([ended])
    await until('the former primary to follow', () => isFollowing(old), 60_000)
  }, 120_000)

  test('whoever begins with a server that was a replica before waits as long as those that come from the former primary', async () => {
    const said = String(await set.command(await set.primary(), 'INFO', 'replication'))
    expect(said).not.toMatch(/^second_repl_offset:-1\r?$/m)
    const from = performance.now()
    const late = set.connect({ terms: TERMS })
    await until('it to be taken', () => late.ready)
    expect(performance.now() - from).toBeGreaterThan(1490)
    late.close()
  })

  test('a primary that hangs is left once another is named, and is no primary when it wakes', async () => {
    const old = await set.primary()
    const lease = await given()
    const { slowest } = await during(
      () => lease,
      async () => {
        set.freeze(old)
        await newPrimary(old)
        await serves()
      },
    ).finally(() => set.thaw(old))
    expect(slowest).toBeLessThan(stretched(DEADLINE_MS + 100))
    await until('the former primary to follow', () => isFollowing(old), 60_000)
  }, 120_000)

  test('a replica that a sentinel calls the primary is not written to, and named', async () => {
    const now = await set.primary()
    const replica = set.ports.find(port => port !== now) ?? 0
    const lines: string[] = []
    const say = (...said: unknown[]) => void lines.push(inspect(said, { depth: 10 }))
    const name = 'wrong'
    await set.tell(0, 'MONITOR', name, '127.0.0.1', String(replica), '3')
    const link = set.connect(
      {
        url: `redis://${name}`,
        sentinels: {
          addresses: set.sentinels.slice(0, 1),
          username: SENTINEL_LOGIN.username,
          passwordFile: set.passwordFile,
        },
        terms: TERMS,
      },
      { info: say, warn: say },
    )
    const words = `127.0.0.1:${replica}, by its sentinels the primary of wrong, says of itself: slave`
    await until('it to be found out', () => link.unreadyInFull?.includes(words) === true)
    await expect(new RedisLeaseStore(link).create(creating(aLease()))).rejects.toMatchObject({ code: 'unavailable' })
    expect(lines.join()).toContain(words)
    link.close()
    await set.tell(0, 'REMOVE', name)
  })

  test.each([
    { name: 'a name that no sentinel knows', settings: { url: 'redis://other' }, says: 'knows no other' },
    {
      name: 'a user that may not ask',
      settings: { sentinels: { username: 'narrow' } },
      says: 'NOPERM',
    },
    { name: 'another password', settings: { sentinels: { passwordFile: '/etc/hostname' } }, says: 'WRONGPASS' },
    {
      name: 'a port where nobody listens',
      settings: { sentinels: { addresses: [{ host: '127.0.0.1', port: 1 }] } },
      says: '127.0.0.1:1 ECONNREFUSED',
    },
  ])('$name is said, with the sentinel', async ({ settings: { sentinels, ...settings }, says }) => {
    const own = {
      addresses: set.sentinels,
      username: SENTINEL_LOGIN.username,
      passwordFile: set.passwordFile,
      ...sentinels,
    }
    const link = set.connect({ ...settings, sentinels: own })
    await until('it to be said', () => link.unreadyInFull?.includes(says) === true)
    expect(link.unreadyInFull).toMatch(/^no connection to the store: no sentinel tells where \w+ is: 127\.0\.0\.1:\d+ /)
    expect(link.unreadyInFull).not.toContain(SENTINEL_LOGIN.password)
    expect(link.unready).toBe('no connection to the store')
    link.close()
  })

  describe('over TLS', () => {
    let door: (port: number) => Promise<number>
    let good: string
    let bad: string
    const doors: TlsServer[] = []

    beforeAll(async () => {
      const authority = await anAuthority({ usages: [SERVER] })
      const leaf = await authority.issue({
        subject: 'CN=valkey',
        names: [{ type: 'ip', value: '127.0.0.1' }],
        usages: [SERVER],
      })
      ;[good, bad] = [join(set.dir, 'ca.pem'), join(set.dir, 'other.pem')]
      await writeFile(good, authority.pem)
      await writeFile(bad, (await anAuthority()).pem)
      door = async to => {
        const server = createTls(leaf, socket => {
          const inside = createConnection(to, '127.0.0.1')
          socket.on('error', () => inside.destroy())
          inside.on('error', () => socket.destroy())
          socket.pipe(inside).pipe(socket)
        })
        const port = await freePort()
        await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
        doors.push(server)
        return port
      }
    })
    afterAll(() => {
      for (const server of doors) server.close()
    })

    const sentinelsAt = (port: number, more: object) => ({
      addresses: [{ host: '127.0.0.1', port }],
      username: SENTINEL_LOGIN.username,
      passwordFile: set.passwordFile,
      ...more,
    })

    test('whoever speaks none to a sentinel that does, or trusts another CA, is led nowhere; by the right one it is', async () => {
      const port = await door(set.sentinels[0]?.port ?? 0)
      const by = (more: object) => set.connect({ sentinels: sentinelsAt(port, more) })
      const links = [by({ caFile: good }), by({ caFile: bad }), by({ tls: false })]
      const [right, ...wrong] = links
      await until('the one to be led there', () => right?.ready === true)
      for (const link of wrong) {
        await until('a reason', () => link.unreadyInFull?.includes('no sentinel tells where') === true)
      }
      expect(wrong.map(({ ready }) => ready)).toEqual([false, false])
      for (const link of links) link.close()
    })

    test('the store is spoken to by it where the URL says so, and the server has to prove that it is the one that was named', async () => {
      const [outer, inner] = [await door(set.sentinels[0]?.port ?? 0), await door(await set.primary())]
      await set.tell(0, 'MONITOR', 'closed', '127.0.0.1', String(inner), '3')
      const by = (caFile: string, more: object) =>
        set.connect({ url: 'rediss://closed', caFile, sentinels: sentinelsAt(outer, more) })
      const [right, wrong] = [by(good, {}), by(bad, { caFile: good })]
      await until('the one to be led there', () => right.ready)
      const words = `127.0.0.1:${inner}, by its sentinels the primary of closed, does not answer`
      await until('a reason', () => wrong.unreadyInFull?.includes(words) === true)
      expect(wrong.ready).toBe(false)
      for (const link of [right, wrong]) link.close()
      await set.tell(0, 'REMOVE', 'closed')
    })
  })

  test('doctor looks at the store where they say it is, and at them', async () => {
    const told = { ...set.env, LEASEGATE_REDIS_REPLICAS: '1', LEASEGATE_DURABILITY: 'always' }
    const asked = [{}, { LEASEGATE_REDIS_URL: 'redis://other' }, { LEASEGATE_REDIS_URL: 'redis://valkey:6379' }]
    const [well, lost, mixed] = await Promise.all(asked.map(more => leasegate(['doctor'], { ...told, ...more })))
    const primary = await set.primary()
    for (const { port } of set.sentinels) {
      expect(well?.stdout).toContain(`sentinel 127.0.0.1:${port} names 127.0.0.1:${primary}, after`)
    }
    expect(well?.stdout).toContain('min-replicas-to-write is 0')
    expect(well?.stdout.match(/WARNING|ERROR|CRITICAL|UNKNOWN/g)).toEqual(['WARNING'])
    expect(lost?.stdout).toMatch(
      /nobody answers at LEASEGATE_REDIS_URL: no sentinel tells where other is: 127\.0\.0\.1:\d+ knows no other/,
    )
    expect(`${mixed?.stdout}${mixed?.stderr}`).toContain('in the place of host and port')
    expect(inspect([well, lost, mixed])).not.toContain(SENTINEL_LOGIN.password)
  })
})
