// What entering rows into a signed ledger costs.
/**
 * What entering and signing costs the tap: the same journal items and outcomes through the tap's own road into the embedded engine, with a
 * ledger and without, by turns in one process. Prints throughput by the clock, and the ratio by time of the CPU, the engine's own threads
 * included: beside other work the clock says little.
 * npm run bench -- ledger [requests a round; default 20000] [rounds; default 5]
 */
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import { isPoison } from '../../../src/record/journal/journal.ts'
import { parseJournalItem } from '../../../src/record/journal/parse-journal-item.ts'
import type { Half } from '../../../src/record/ledger/format/row-halves.ts'
import { halvesOf } from '../../../src/record/ledger/format/row-halves.ts'
import { leafHash } from '../../../src/record/ledger/format/tree.ts'
import type { RecordSink, Row } from '../../../src/record/record-sink.ts'
import { toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import { openSink } from '../../record/audit/a-record.ts'
import { openTestDatabase } from '../../record/embedded.ts'
import { decision, outcome } from '../../record/entries.ts'
import { makeLedgerFolder } from '../../record/ledger/a-ledger.ts'

const REQUESTS = Number(process.argv[2] ?? 20_000)
const ROUNDS = Number(process.argv[3] ?? 5)
const BATCH = 10_000
const SETTLED = '{"decision":"allow","reason":"","approval":""}'

await using database = await openTestDatabase()
await using folder = await makeLedgerFolder()
const plain = createClickHouseSink(database.clickhouse.writer)
const entered = await openSink(folder, database.clickhouse)

interface Took {
  readonly seconds: number
  readonly cpu: number
}
const took: Record<'without' | 'with', Took[]> = { without: [], with: [] }

// What the engine merges in the background is of the rounds before.
await database.clickhouse.writer.command({ query: 'SYSTEM STOP MERGES request_halves' })
await round(plain, -1)
for (let n = 0; n < ROUNDS; n++) {
  await database.clear()
  took.without.push(await round(plain, 2 * n))
  await database.clear()
  took.with.push(await round(entered, 2 * n + 1, () => entered.checkpoint()))
}
const [without, withLedger] = [took.without, took.with].map(rounds => ({
  seconds: median(rounds.map(({ seconds }) => seconds)),
  cpu: median(rounds.map(({ cpu }) => cpu)),
}))
console.log(`without: ${describe(without)}, with: ${describe(withLedger)} (medians of ${ROUNDS})`)
const ratio = ((withLedger?.cpu ?? 0) / (without?.cpu ?? 1) - 1) * 100
console.log(`a ledger costs ${ratio.toFixed(1)} % of the tap's CPU`)
measureHashing()
await entered.close()

/** One round: parse what the journal holds, make rows, insert, enter, sign. */
async function round(sink: RecordSink, n: number, end: () => Promise<void> = async () => {}): Promise<Took> {
  const entries = Array.from({ length: REQUESTS }, (_, index) =>
    decision({ auditId: `${n}-${index}`, decidedAt: Date.now() + index, lease: `lse_${index % 50}` }),
  )
  const texts = entries.map(entry => JSON.stringify(entry))
  const begin = performance.now()
  const cpu = process.cpuUsage()
  for (let at = 0; at < REQUESTS; at += BATCH) {
    const rows: Row[] = []
    for (const [index, entry] of texts.slice(at, at + BATCH).entries()) {
      const item = parseJournalItem({ stream: 'p0', id: `${n}-${at + index}`, entry, settled: SETTLED })
      if (!isPoison(item)) rows.push(toRow(item))
    }
    await sink.write(rows, `decisions ${n} ${at}`)
    const outcomes = entries.slice(at, at + BATCH).map(entry => toOutcomeRow(outcome(entry), ''))
    await sink.write(outcomes, `outcomes ${n} ${at}`)
  }
  await end()
  const { user, system } = process.cpuUsage(cpu)
  return { seconds: (performance.now() - begin) / 1000, cpu: (user + system) / 1e6 }
}

/** By itself, since the difference of two rounds is small beside their spread. */
function measureHashing(): void {
  const rows = Array.from({ length: 20_000 }, (_, n) => {
    const entry = decision({ auditId: `h-${n}` })
    return n % 2 === 0 ? toOutcomeRow(outcome(entry), '') : toRow({ stream: '', id: '', entry, settled: null })
  })
  const cpu = process.cpuUsage()
  const halves = rows.flatMap<Half>(halvesOf)
  for (const { hash } of halves) leafHash(hash)
  const us = process.cpuUsage(cpu).user / halves.length
  console.log(`hashing: ${us.toFixed(1)} µs a half`)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function describe(took: Took | undefined): string {
  const { seconds = Number.NaN, cpu = Number.NaN } = took ?? {}
  return `${Math.round(REQUESTS / seconds)} requests/s, ${((cpu / REQUESTS) * 1e6).toFixed(0)} µs of CPU each`
}
