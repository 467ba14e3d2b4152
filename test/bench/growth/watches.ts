// CPU of a decision while thousands of watches are open, memory and CPU of each of those, beside an authorizer without one.
import { setTimeout as pause } from 'node:timers/promises'
import type { Lease } from '../../../src/lease/lease.ts'
import { AuthorizerClient } from '../../session/drill/authorizer-client.ts'
import { cpuMicros, residentBytes } from '../decisions/check/process-use.ts'
import { beside, warm } from './house/beside.ts'
import { aHouse, type House } from './house/house.ts'
import { agentName } from './house/policy.ts'

/* Ten of each lease; the store is asked of every lease each second. Envoy has one connection for each of its threads, here there are so many. */
const WATCHES = [10, 1000, 10_000]
const OF_A_LEASE = 10
const CONNECTIONS = 4
const AGENTS = 1000
const QUIET_MS = 5000

const small = { house: await aHouse({ agents: AGENTS }) }
const large = { house: await aHouse({ agents: AGENTS }) }
const clients = Array.from({ length: CONNECTIONS }, () => new AuthorizerClient(large.house.authorizer.socket))
try {
  await warm(small)
  await warm(large)
  const without = residentBytes(large.house.authorizer.pid)
  const leases: Lease[] = [large.house.world.lease]
  let open = 0
  for (const count of WATCHES) {
    for (; open < count; open += OF_A_LEASE) await openTen(large.house, leases)
    const before = cpuMicros(large.house.authorizer.pid)
    await pause(QUIET_MS)
    const perSecond = (cpuMicros(large.house.authorizer.pid) - before) / (QUIET_MS / 1000)
    const grown = residentBytes(large.house.authorizer.pid) - without
    console.log(
      `${count} watches: ${(grown / 2 ** 20).toFixed(0)} MiB of the authorizer more than without, ${(grown / 1024 / count).toFixed(1)} KiB each; ${(perSecond / 1000).toFixed(1)} ms of its CPU a second`,
    )
    await beside(`${count} watches`, large, small)
  }
} finally {
  for (const client of clients) client.close()
  await Promise.all([small.house.stop(), large.house.stop()])
}

async function openTen({ world }: House, leases: Lease[]): Promise<void> {
  const { lease } = await world.another(agentName(leases.length % (AGENTS - 1)))
  leases.push(lease)
  const client = clients[leases.length % CONNECTIONS]
  await Promise.all(Array.from({ length: OF_A_LEASE }, () => client?.open(lease)))
}
