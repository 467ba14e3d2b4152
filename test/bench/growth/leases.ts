// CPU of a decision with up to a million leases in the store, memory of each, and how long issuing and listing take then.
import { sealContract } from '../../../src/identity/signed/contract.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { TestBroker } from '../../broker/test-broker.ts'
import { aLease, creating } from '../../lease/a-lease.ts'
import { leaseOf } from '../../policy/a-policy.ts'
import { quantile } from '../decisions/check/round.ts'
import { beside, warm } from './house/beside.ts'
import { fill } from './house/fill.ts'
import { aHouse } from './house/house.ts'

/*
 * The broker and an authorizer on one store; beside it a store with a thousand leases.
 * npm run bench -- leases [leases; default 1000000]
 */
const MOST = Number(process.argv[2] ?? 1_000_000)
const SIZES = [100_000, 1_000_000].filter(size => size < MOST)
const FEW = 1000
/** Those that a page shows, whose contracts the broker opens. */
const SHOWN = 100
const TIMES = 40

const broker = await TestBroker.start()
broker.policy = { ...broker.policy, templates: broker.policy.templates.map(one => ({ ...one, maxLeases: MOST })) }
const small = { house: await aHouse() }
const large = { house: await aHouse({}, broker.valkey) }
try {
  const contract = await showLeases()
  await fill(small.house.valkey, small.house.world, contract, FEW)
  await warm(small)
  await warm(large)
  let made = 0
  for (const size of [...SIZES, MOST]) {
    const bytes = await fill(broker.valkey, large.house.world, contract, size - made)
    console.log(`${size} leases: ${bytes.toFixed(0)} bytes of the store each, ${contract.length} of them its contract`)
    made = size
    await beside(`${size} leases`, large, small)
    await timed('issuing one', 'POST', '/v1/leases', 'web-operator', {
      template: 'restart-web',
      reason: 'it hangs',
      namespaces: ['shop'],
      ttl: '30m',
    })
    await timed('a page of leases', 'GET', '/v1/leases', 'root')
    await timed('a page of questions', 'GET', '/v1/approvals', 'hana')
  }
} finally {
  await Promise.all([small.house.stop(), large.house.stop()])
  await broker.stop()
}

/** The first page is of those that were made first. The contract of one of them. */
async function showLeases(): Promise<string> {
  const [template] = broker.policy.templates
  if (template === undefined) throw new Error('no template')
  const store = new RedisLeaseStore(broker.link)
  let contract = ''
  for (let made = 0; made < SHOWN; made += 1) {
    const now = Date.now()
    const lease = aLease({ ...leaseOf(template), id: aLease().id, issuedAt: now, expiresAt: now + 3_600_000 })
    contract = await sealContract(lease, broker.keys.signing)
    await store.create({ ...creating(lease), contract })
  }
  return contract
}

async function timed(what: string, method: string, path: string, sub: string, body?: object): Promise<void> {
  const token = await broker.token(sub)
  const waits: number[] = []
  while (waits.length < TIMES) {
    const from = performance.now()
    const { status, body: said } = await broker.call(method, path, { token, ...(body === undefined ? {} : { body }) })
    waits.push(performance.now() - from)
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(said)}`)
  }
  waits.sort((one, other) => one - other)
  const at = (share: number) => quantile(waits, share).toFixed(1)
  console.log(`  ${what}: ${at(0.5)} ms median, ${at(0.9)} ms of nine in ten`)
}
