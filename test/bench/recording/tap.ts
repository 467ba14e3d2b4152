// What a whole tap takes, from journal and access log to the record, with a ledger and without, beside the engine's own insert.
/**
 * The real process between a real Valkey, whose journal is full when it begins, and a stream of access logs as Envoy sends them, into the
 * embedded engine. By turns; each with a new record and a new ledger. A request is two half rows. Beside them, in this process, what the
 * engine takes to copy such half rows from its memory into the same table.
 * npm run bench -- tap [requests a turn; default 40000] [turns; default 3]
 */
import { setTimeout as wait } from 'node:timers/promises'
import { Supervisor } from '../../../local/process/supervisor.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { makeLedgerFolder } from '../../record/ledger/a-ledger.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { cpuMicros } from '../decisions/check/process-use.ts'
import { median } from '../decisions/check/round.ts'
import { engineItself } from './tap/engine.ts'
import { journaled } from './tap/requests.ts'
import { type RunningTap, startTap } from './tap/running-tap.ts'

const REQUESTS = Number(process.argv[2] ?? 40_000)
const TURNS = Number(process.argv[3] ?? 3)
const WARM_UP = 6000

interface Took {
  readonly seconds: number
  /** CPU of a half row, microseconds. */
  readonly micros: number
}

const valkey = await Valkey.start({ appendfsync: 'everysec' })
const redis = (await valkey.connected()).waiting('journal', `${partitionPrefix('00')}journal`)
await using ledgers = await makeLedgerFolder()
const supervisor = new Supervisor()
const took: Record<'without' | 'with', Took[]> = { without: [], with: [] }
try {
  for (let turn = 0; turn < TURNS; turn++) {
    took.without.push(await measure(`without-${turn}`, {}))
    const settings = { LEASEGATE_LEDGER_DIRECTORY: ledgers.directory, LEASEGATE_LEDGER_KEY_FILE: ledgers.keyFile }
    took.with.push(await measure(`with-${turn}`, settings))
  }
  const engine = await engineItself(REQUESTS, TURNS)
  for (const [name, turns] of Object.entries(took)) {
    const [seconds, micros] = [median(turns.map(each => each.seconds)), median(turns.map(each => each.micros))]
    console.log(
      `${name} a ledger: ${Math.round(REQUESTS / seconds)} requests/s, ${(2 * micros).toFixed(0)} µs of CPU each; ${Math.round(1e6 / micros)} half rows a second of a core, ${(micros / engine).toFixed(1)} times the CPU of the engine's own insert`,
    )
  }
  console.log(
    `the engine's own insert: ${engine.toFixed(1)} µs of CPU, ${Math.round(1e6 / engine)} half rows a second of a core`,
  )
} finally {
  redis.disconnect()
  await supervisor.stop()
  await valkey.stop()
}

async function measure(name: string, settings: Readonly<Record<string, string>>): Promise<Took> {
  const tap = await startTap(supervisor, valkey, name, settings)
  await tap.give(await journaled(redis, `${name}-w`, WARM_UP))
  await untilWritten(tap, 2 * WARM_UP)
  // What it is given lies there before it begins, so that nobody else takes part.
  supervisor.signal(name, 'SIGSTOP')
  const messages = await journaled(redis, name, REQUESTS)
  const [before, from] = [cpuMicros(tap.pid), performance.now()]
  supervisor.signal(name, 'SIGCONT')
  await tap.give(messages)
  await untilWritten(tap, 2 * (WARM_UP + REQUESTS))
  const result = {
    seconds: (performance.now() - from) / 1000,
    micros: (cpuMicros(tap.pid) - before) / (2 * REQUESTS),
  }
  await tap.stop()
  return result
}

async function untilWritten(tap: RunningTap, rows: number): Promise<void> {
  while ((await tap.written()) < rows) await wait(100)
}
