import { numbers, runHistory } from '../lease/history/a-history.ts'

/** At least 200 failovers, and as many other faults as come between them. */
const FAILOVERS = 200
const ROUNDS = 50

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
console.log(`seed ${seed}`)
const random = numbers(seed)
const total = { failovers: 0, allowed: 0, ended: 0 }
while (total.failovers < FAILOVERS) {
  const { failovers, allowed, ended, wrong } = await runHistory({ rounds: ROUNDS, random, isGuarded: true })
  total.failovers += failovers
  total.allowed += allowed
  total.ended += ended
  console.log(`${total.failovers} failovers so far`)
  if (wrong.length > 0) throw new Error(`seed ${seed}: ${wrong.slice(0, 5).join('; ')}`)
}
console.log(
  `${total.failovers} failovers: ${total.allowed} requests allowed, ${total.ended} leases ended, nothing that was told did not hold`,
)
