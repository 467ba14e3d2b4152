// The drill of a revocation: until the next request is refused, until a thousand streams are cut.
import { setTimeout as pause } from 'node:timers/promises'
import type { Subject } from '../../../src/lease/stop/subject.ts'
import { Drill, type HeldLease } from '../../session/drill/a-drill.ts'
import { until } from '../../support/until.ts'

/*
 * The drill of a revocation: real authorizers under load, a thousand open streams. How long the act takes; from its acknowledgement, how
 * long the next request on each authorizer is on its way to a refusal, and until the last stream is cut. It fails where that takes longer than
 * is promised, in any round.
 */
const NEXT_MS = 100
const CUT_MS = 1000
const AUTHORIZERS = 2
const LEASES = 100
const STREAMS = 1000
const LOAD_AT_ONCE = 16
const WARM_UP_MS = 2000

const drill = await Drill.start(AUTHORIZERS)
const NOBODY = { sponsor: 'nobody@example.org' }
let others: HeldLease = await drill.lease(NOBODY)
const late: string[] = []
let isOver = false
/** What other checks took since the last act, milliseconds: on a busy machine a refusal waits as they do. */
let took: number[] = []
const load = drill.clients.flatMap(client =>
  Array.from({ length: LOAD_AT_ONCE }, async () => {
    while (!isOver) {
      const asked = performance.now()
      await client.allows(others.token, drill.namespace)
      took.push(performance.now() - asked)
    }
  }),
)
await pause(WARM_UP_MS)

async function run(name: string, subjectOf: (round: string) => Subject): Promise<void> {
  const round = crypto.randomUUID()
  const task = { name: round, reason: 'drill', ticket: '' }
  const leases = await Promise.all(Array.from({ length: LEASES }, () => drill.lease({ sponsor: round, task })))
  drill.streams.length = 0
  await drill.open(STREAMS, leases)
  for (const { token } of leases.slice(0, 4)) await drill.clients[0]?.allows(token, drill.namespace)
  took = []
  const from = performance.now()
  await drill.stops.act({ subject: subjectOf(round), act: 'end', by: 'bench', reason: 'drill', event: '{}' })
  const done = performance.now()
  const nexts = await Promise.all(
    drill.clients.map(async client => {
      if (await client.allows(leases[0]?.token ?? '', drill.namespace)) throw new Error('allowed after the end')
      return performance.now() - done
    }),
  )
  await until('all streams to be cut', () => drill.streams.every(({ cut }) => cut !== ''))
  const last = Math.max(...drill.streams.map(({ cutAt }) => cutAt)) - done
  if (Math.max(...nexts) > NEXT_MS)
    late.push(`${name}: the next request was refused after ${Math.max(...nexts).toFixed(0)} ms`)
  if (last > CUT_MS) late.push(`${name}: the last stream was cut after ${last.toFixed(0)} ms`)
  const rate = (took.length / (performance.now() - from)) * 1000
  const [middle, slow] = [0.5, 0.99].map(
    part => took.toSorted((one, other) => one - other)[Math.floor(part * took.length)] ?? 0,
  )
  console.log(
    `${name.padEnd(9)} act ${(done - from).toFixed(0)} ms, next request refused after ${nexts.map(ms => ms.toFixed(0)).join(' and ')} ms, ` +
      `${STREAMS} streams cut after ${last.toFixed(0)} ms (${rate.toFixed(0)} other checks/s, of ${middle?.toFixed(0)} ms, p99 ${slow?.toFixed(0)} ms)`,
  )
}

console.log(
  `${AUTHORIZERS} authorizers, ${LEASES} leases, ${STREAMS} streams, ${AUTHORIZERS * LOAD_AT_ONCE} other checks at once`,
)
for (let round = 0; round < 3; round++) {
  await run('task', name => ({ kind: 'task', name }))
  await run('sponsor', name => ({ kind: 'sponsor', name }))
  await run('all', () => ({ kind: 'all', name: '' }))
  others = await drill.lease(NOBODY)
}
isOver = true
await Promise.all(load)
await drill.stop()
for (const one of late) console.error(`${one}; at most ${NEXT_MS} ms and ${CUT_MS} ms are promised`)
if (late.length > 0) process.exitCode = 1
