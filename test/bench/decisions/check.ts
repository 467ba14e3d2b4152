// CPU of a decision, beside grpc-js that does nothing, a peer in Go, and Open Policy Agent.
import { type Contender, startContenders } from './check/contenders.ts'
import type { Load } from './check/load.ts'
import { ensurePeers } from './check/peers/peers.ts'
import { residentMib } from './check/process-use.ts'
import { again, type Measured, measured, median, quantile } from './check/round.ts'

/*
 * What one decision costs: CPU of the authorizer's process (/proc/PID/stat) beside that of grpc-js doing nothing, of a peer written
 * by hand in Go and of Open Policy Agent, on the same questions, in one run. The rounds alternate, since the machine is noisy; what counts is the median of the
 * ratios within each round. docs/performance.md has the method and what it said.
 */
const ROUNDS = 5
const ROUND_MS = 2000
const AT_ONCE = 16
const WARM_UP_ROUNDS = 10
const IN_A_WARM_UP = 2000

interface Row {
  readonly server: string
  readonly load: string
  readonly cpuMicros: number
  readonly ratio: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly residentMib: number
}

/** Where a CPU profile of the authorizer is wanted, and of that alone: the loads are the same. */
const { LEASEGATE_BENCH_PROFILE: profiles } = process.env
const nodeOptions = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`]

const peers = await ensurePeers(line => console.log(line))

for (const appendfsync of ['everysec', 'always'] as const) {
  const contenders = await startContenders({ peers, appendfsync, nodeOptions })
  try {
    const { nothing, authorizer } = contenders
    const all = [nothing, authorizer, contenders.anew, contenders.http2, ...contenders.peers]
    for (const each of all) {
      for (let round = 0; round < WARM_UP_ROUNDS; round += 1) {
        await again(() => measured(each, load => load.count(AT_ONCE, IN_A_WARM_UP)))
      }
    }
    const closed = await compare(`${AT_ONCE} at once`, all, load => load.closed(AT_ONCE, ROUND_MS))
    const half = Math.round((closed.find(({ server }) => server === authorizer.name)?.perSecond ?? 0) / 2)
    const open = await compare(`${half}/s`, all, load => load.open(half, ROUND_MS))
    console.log(`appendfsync ${appendfsync}`)
    console.table([...closed, ...open])
    console.log(JSON.stringify({ appendfsync, rows: [...closed, ...open] }))
  } finally {
    await contenders.stop()
  }
}

async function compare(
  load: string,
  contenders: readonly Contender[],
  run: (load: Load) => Promise<number[]>,
): Promise<readonly Row[]> {
  const rounds = new Map<Contender, Measured[]>(contenders.map(each => [each, []]))
  for (let round = 0; round < ROUNDS; round += 1) {
    // Nobody is always the first.
    const turned = [...contenders.slice(round % contenders.length), ...contenders.slice(0, round % contenders.length)]
    for (const each of turned) rounds.get(each)?.push(await again(() => measured(each, run)))
  }
  const [least = []] = contenders.map(each => rounds.get(each) ?? [])
  return contenders.map(each => toRow(each, load, rounds.get(each) ?? [], least))
}

function toRow({ name, pid }: Contender, load: string, rounds: readonly Measured[], least: readonly Measured[]): Row {
  const waits = rounds.flatMap(round => round.waits).sort((a, b) => a - b)
  const shown = (number: number, digits: number) => Number(number.toFixed(digits))
  return {
    server: name,
    load,
    cpuMicros: shown(median(rounds.map(({ micros }) => micros)), 0),
    ratio: shown(median(rounds.map(({ micros }, at) => micros / (least[at]?.micros ?? Number.NaN))), 2),
    perSecond: shown(median(rounds.map(({ perSecond }) => perSecond)), 0),
    p50: shown(quantile(waits, 0.5), 1),
    p99: shown(quantile(waits, 0.99), 1),
    p999: shown(quantile(waits, 0.999), 1),
    residentMib: residentMib(pid),
  }
}
