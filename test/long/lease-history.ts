import { numbers, runHistory } from '../lease/history/a-history.ts'
import { ClusterServers } from '../lease/history/cluster-servers.ts'
import { SentinelServers } from '../lease/history/sentinel-servers.ts'

/** At least 200 failovers, and as many other faults as come between them; the last of them by Sentinel and in a cluster. */
const FAILOVERS = 200
const BY_SENTINEL = Number(process.env['BY_SENTINEL'] ?? 40)
const IN_CLUSTER = Number(process.env['IN_CLUSTER'] ?? 40)
const ROUNDS = 50

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
console.log(`seed ${seed}`)
const random = numbers(seed)
const total = { failovers: 0, allowed: 0, ended: 0 }
const more = { random, isGuarded: true }
const bySentinel = {
  ...more,
  rounds: BY_SENTINEL,
  faults: ['failover'],
  start: () => SentinelServers.start(random),
} as const
const inCluster = {
  ...bySentinel,
  rounds: IN_CLUSTER,
  start: () => ClusterServers.start(random),
} as const
const byHand = { ...more, rounds: ROUNDS }

async function run(options: Parameters<typeof runHistory>[0], how: string): Promise<void> {
  if (options.rounds === 0) return
  const { failovers, allowed, ended, wrong } = await runHistory(options)
  total.failovers += failovers
  total.allowed += allowed
  total.ended += ended
  console.log(`${total.failovers} failovers so far, ${failovers} ${how}`)
  if (wrong.length > 0) throw new Error(`seed ${seed}: ${wrong.slice(0, 5).join('; ')}`)
}

while (total.failovers < FAILOVERS - BY_SENTINEL - IN_CLUSTER) await run(byHand, 'by hand')
await run(bySentinel, 'by Sentinel')
await run(inCluster, 'in a cluster')
// Of what a cluster does, some is slots that move.
while (total.failovers < FAILOVERS) await run(byHand, 'by hand')
console.log(
  `${total.failovers} failovers: ${total.allowed} requests allowed, ${total.ended} leases ended, nothing that was told did not hold`,
)
