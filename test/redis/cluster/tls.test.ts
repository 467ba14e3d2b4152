import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Lease } from '../../../src/lease/lease.ts'
import { agentPartition, partitionOf } from '../../../src/lease/lease-id.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { PARTITIONS, partitionPrefix } from '../../../src/redis/keys.ts'
import { leasegate } from '../../cli/leasegate.ts'
import { aLease, committing, creating } from '../../lease/a-lease.ts'
import { ClusteredValkeys } from '../../support/stores/clustered-valkeys.ts'
import { quickFolder } from '../../support/stores/quick-folder.ts'
import { Authorities, type Command, OwnTls, TlsDoors, type TlsOfNodes } from '../../support/stores/tls-doors.ts'
import { until } from '../../support/until.ts'

const TERMS = { partitions: PARTITIONS, eviction: 'asked' } as const
const NAMES = ['00', '01', '02', '03']

let authorities: Authorities
let tls: TlsOfNodes
let set: ClusteredValkeys
let link: RedisLink
let leases: readonly Lease[]

beforeAll(async () => {
  authorities = await Authorities.make(await quickFolder('leasegate-authorities-'))
  tls = process.env['STORE_TLS'] === 'yes' ? new OwnTls(authorities) : new TlsDoors(authorities)
  set = await ClusteredValkeys.start(3, PARTITIONS, { closed: tls })
  link = set.connect({ terms: TERMS, caFile: authorities.caFile, deadlineMs: 2000 })
  await until('all of it to be there', () => link.ready)
  leases = await Promise.all(NAMES.map(given))
}, 240_000)
afterAll(async () => {
  await set?.stop()
  tls?.close()
  if (authorities !== undefined) await rm(authorities.dir, { recursive: true })
})

async function given(partition: string): Promise<Lease> {
  let agent = ''
  do agent = `agent-${crypto.randomUUID()}`
  while (agentPartition(agent, PARTITIONS) !== partition)
  const lease = aLease({ agent, expiresAt: Date.now() + 600_000 })
  expect(await new RedisLeaseStore(link).create(creating(lease))).toEqual({ kind: 'created' })
  return lease
}

const command: Command = (port, ...words) => set.command(port, ...words)

async function told(lease: Lease, by = link): Promise<string> {
  const answer = await new RedisLeaseLedger(by).commit(committing(lease)).catch((error: { code: string }) => error.code)
  return typeof answer === 'string' ? answer : answer.kind
}

const owner = (partition: string) => set.ownerOf(partitionPrefix(partition))

async function ownedBy(port: number, those: readonly Lease[] = leases): Promise<readonly Lease[]> {
  const owners = await Promise.all(those.map(({ id }) => owner(partitionOf(id))))
  return those.filter((_, at) => owners[at] === port)
}

/** While this node is as it should not be, what it has is refused and the rest is not; afterwards all is served. */
async function onlyItsOwn(port: number, wrong: () => Promise<unknown>, right: () => Promise<unknown>): Promise<void> {
  const its = await ownedBy(port)
  const others = leases.filter(lease => !its.includes(lease))
  expect([its.length > 0, others.length > 0]).toEqual([true, true])
  await wrong()
  await set.command(port, 'CLIENT', 'KILL', 'TYPE', 'NORMAL')
  // It is tried again and again, more than once a second; what a node tells takes a while to be known.
  let usedAt = Date.now()
  const isOver = async (): Promise<boolean> => {
    const kinds = await Promise.all(its.map(lease => told(lease)))
    if (kinds.some(kind => kind !== 'unavailable')) usedAt = Date.now()
    for (const lease of others) expect(await told(lease)).toBe('allowed')
    return Date.now() - usedAt > 4000
  }
  await until('its leases to be refused for good', isOver, 60_000)
  await right()
  for (const lease of leases) await until('it to be served again', async () => (await told(lease)) === 'allowed')
}

describe('a cluster over TLS', () => {
  test('whoever trusts its authority works with every node, each by the certificate for its own address', async () => {
    for (const lease of leases) expect(await told(lease)).toBe('allowed')
    const owners = new Set(await Promise.all(NAMES.map(owner)))
    expect(owners.size).toBe(3)
    // Where they speak TLS, and nowhere else.
    expect(link.servers().map(({ at }) => at)).not.toContainEqual(expect.stringMatching([...owners].join('|')))
  })

  test.each([
    { name: 'trusts another authority', settings: () => ({ caFile: authorities.otherCaFile }) },
    { name: 'trusts those of the system', settings: () => ({}) },
    { name: 'speaks none', settings: () => ({ url: set.url.replace('rediss:', 'redis:') }) },
  ])('whoever $name is led nowhere', async ({ settings }) => {
    const wrong = set.connect({ terms: TERMS, ...settings() })
    await until('a reason', () => wrong.unreadyInFull?.includes('no node of the cluster tells where') === true)
    expect(wrong.ready).toBe(false)
    for (const lease of leases) expect(await told(lease, wrong)).toBe('unavailable')
    wrong.close()
  })

  test('a node whose certificate is for another place is not used, and the others are', async () => {
    const port = await owner('01')
    await onlyItsOwn(
      port,
      () => tls.show(port, 'of another', command),
      () => tls.show(port, 'right', command),
    )
  }, 120_000)

  test('a node that tells clients of a port without TLS is not used, and the others are', async () => {
    const port = await owner('02')
    await onlyItsOwn(
      port,
      () => tls.tell(port, 'none', command),
      () => tls.tell(port, 'TLS', command),
    )
  }, 120_000)

  test('a replica that takes over is spoken to by TLS as well', async () => {
    const old = await owner('03')
    const its = await ownedBy(old)
    await set.kill(old)
    await until('a replica to take over', async () => (await owner('03')) !== old, 60_000)
    for (const lease of its) await until('its leases to be served', async () => (await told(lease)) !== 'unavailable')
    await set.revive()
  }, 120_000)

  test('doctor says which node it does not trust', async () => {
    const env = { ...set.env, LEASEGATE_REDIS_CA_FILE: authorities.caFile, LEASEGATE_DURABILITY: 'always' }
    const well = await leasegate(['doctor'], env)
    expect(well.stdout).not.toMatch(/CRITICAL|ERROR/)
    // The settings lead to the first one.
    const owners = await Promise.all(NAMES.map(owner))
    const port = owners.find(one => one !== set.ports[0]) ?? 0
    await tls.show(port, 'of another', command)
    const { stdout } = await leasegate(['doctor'], env)
    await tls.show(port, 'right', command)
    expect(stdout).toMatch(/127\.0\.0\.1:\d+ has a part of the store, and does not answer/)
    expect(stdout).toMatch(/node 127\.0\.0\.1:\d+ does not tell who .* the store: ERR_TLS_CERT_ALTNAME_INVALID/)
  })
})
