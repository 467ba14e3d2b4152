// How far the record is behind the requests, at so many a second.
/**
 * The real tap between a real Valkey and a stream of access logs, into the embedded engine, while so many requests are decided and ended each
 * second. Of each look at it: how long ago that was given which it has not written yet; it writes at least once a second. Where the machine
 * has no time left for so many, that grows.
 * npm run bench -- lag [most requests a second; default 5000] [seconds; default 10]
 */
import { loadavg } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { Supervisor } from '../../../local/process/supervisor.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { cpuMicros, residentMib } from '../decisions/check/process-use.ts'
import { quantile } from '../decisions/check/round.ts'
import { journaled } from './tap/requests.ts'
import { type RunningTap, startTap } from './tap/running-tap.ts'

const MOST = Number(process.argv[2] ?? 5000)
const SECONDS = Number(process.argv[3] ?? 10)
const RATES = [0.2, 0.5, 1].map(share => Math.round(MOST * share))
const TICK_MS = 50
const WARM_UP = 6000
/** After so long without being through, it is not keeping up. */
const WITHIN_MS = 60_000

/** How many rows had been given by when. */
interface Given {
  readonly at: number
  readonly rows: number
}

const valkey = await Valkey.start({ appendfsync: 'everysec' })
const redis = (await valkey.connected()).waiting('journal', `${partitionPrefix('00')}journal`)
const supervisor = new Supervisor()
try {
  const tap = await startTap(supervisor, valkey, 'tap')
  await tap.give(await journaled(redis, 'w', WARM_UP))
  while ((await tap.written()) < 2 * WARM_UP) await wait(TICK_MS)
  for (const rate of RATES) await atRate(tap, rate)
  await tap.stop()
} finally {
  redis.disconnect()
  await supervisor.stop()
  await valkey.stop()
}

async function atRate(tap: RunningTap, rate: number): Promise<void> {
  const already = await tap.written()
  const given: Given[] = [{ at: performance.now(), rows: already }]
  const [before, from] = [cpuMicros(tap.pid), performance.now()]
  const lags: number[] = []
  let isGiving = true
  const looking = (async () => {
    while (isGiving) {
      await wait(TICK_MS)
      lags.push(lagOf(given, await tap.written()))
    }
  })()
  while (performance.now() - from < SECONDS * 1000) {
    const due = Math.floor(((performance.now() - from) / 1000) * rate) - ((given.at(-1)?.rows ?? 0) - already) / 2
    if (due > 0) {
      await tap.give(await journaled(redis, `${rate}-${given.length}`, due))
      given.push({ at: performance.now(), rows: (given.at(-1)?.rows ?? 0) + 2 * due })
    }
    await wait(TICK_MS)
  }
  isGiving = false
  await looking
  const [rows, seconds] = [(given.at(-1)?.rows ?? 0) - already, (performance.now() - from) / 1000]
  const over = performance.now()
  while ((await tap.written()) < already + rows && performance.now() - over < WITHIN_MS) await wait(TICK_MS)
  const micros = (cpuMicros(tap.pid) - before) / (rows / 2)
  lags.sort((one, other) => one - other)
  console.log(
    `${Math.round(rows / 2 / seconds)} requests/s (of ${rate}): ${quantile(lags, 0.5).toFixed(0)} ms behind in the median, ${quantile(lags, 1).toFixed(0)} at most; through ${(performance.now() - over).toFixed(0)} ms after the last; ${micros.toFixed(0)} µs of CPU each, ${residentMib(tap.pid)} MiB; load ${loadavg()[0]?.toFixed(0)}`,
  )
}

/** Milliseconds since the first of what is not written yet was given. */
function lagOf(given: readonly Given[], written: number): number {
  const first = given.find(({ rows }) => rows > written)
  return first === undefined ? 0 : performance.now() - first.at
}
