import { createClickHouseSink } from '../../../../src/record/clickhouse-record-sink.ts'
import { toOutcomeRow, toRow } from '../../../../src/record/to-rows.ts'
import { openTestDatabase } from '../../../record/embedded.ts'
import { decision, item, outcome } from '../../../record/entries.ts'

/** As the tap has them. */
const BATCH = 10_000

/** CPU that the engine takes for a half of a row that it has in memory already, in blocks as large as the tap's batches; microseconds. */
export async function engineItself(requests: number, turns: number): Promise<number> {
  await using database = await openTestDatabase()
  const { writer } = database.clickhouse
  const run = (query: string) => writer.command({ query })
  const sink = createClickHouseSink(writer)
  for (let at = 0; at < requests; at += BATCH) {
    const entries = Array.from({ length: BATCH }, (_, n) =>
      decision({ auditId: `e-${at + n}`, decidedAt: Date.now() + n, lease: `lse_${n % 50}` }),
    )
    await sink.write(
      entries.map(entry => toRow(item(entry))),
      `decisions ${at}`,
    )
    await sink.write(
      entries.map(entry => toOutcomeRow(outcome(entry), '')),
      `outcomes ${at}`,
    )
  }
  await run('CREATE TABLE ready AS request_halves ENGINE = Memory')
  await run('INSERT INTO ready SELECT * FROM request_halves')
  const found: number[] = []
  for (let turn = 0; turn < turns; turn += 1) {
    await run(`CREATE TABLE copy_${turn} AS request_halves`)
    const before = process.cpuUsage()
    await run(
      `INSERT INTO copy_${turn} SELECT * FROM ready SETTINGS max_block_size = ${BATCH}, max_insert_block_size = ${BATCH},
        min_insert_block_size_rows = ${BATCH}, min_insert_block_size_bytes = 0`,
    )
    const { user, system } = process.cpuUsage(before)
    found.push((user + system) / (2 * requests))
    await run(`DROP TABLE copy_${turn}`)
  }
  return found.toSorted((one, other) => one - other)[turns >> 1] ?? Number.NaN
}
