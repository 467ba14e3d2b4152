import { numbers, runHistory } from '../lease/history/a-history.ts'
import { SentinelServers } from '../lease/history/sentinel-servers.ts'

/** At least 200 failovers, and as many other faults as come between them; the last of them by Sentinel. */
const FAILOVERS = 200
const BY_SENTINEL = Number(process.env['BY_SENTINEL'] ?? 40)
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
while (total.failovers < FAILOVERS) {
  const isLast = total.failovers >= FAILOVERS - BY_SENTINEL
  const { failovers, allowed, ended, wrong } = await runHistory(isLast ? bySentinel : { ...more, rounds: ROUNDS })
  total.failovers += failovers
  total.allowed += allowed
  total.ended += ended
  console.log(`${total.failovers} failovers so far${isLast ? `, ${failovers} by Sentinel` : ''}`)
  if (wrong.length > 0) throw new Error(`seed ${seed}: ${wrong.slice(0, 5).join('; ')}`)
}
console.log(
  `${total.failovers} failovers: ${total.allowed} requests allowed, ${total.ended} leases ended, nothing that was told did not hold`,
)
