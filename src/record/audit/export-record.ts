import { appendFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ok, type Parsed, problem } from '../../support/text/parsed.ts'
import { daysOf, PENDING, TIPS, textOf } from '../ledger/ledger-files.ts'
import { linesOf } from '../ledger/ledger-lines.ts'
import { ledgersIn } from '../ledger/own-ledger.ts'
import type { Table } from '../record-sink.ts'
import { checkLedger } from './checks/check-ledger.ts'
import { type RowSource, type RowValues, type Span, TABLES } from './rows.ts'

/**
 * An export is a folder that can be verified without the record:
 *
 *   export.json                   when it was made, and how long each ledger was before the rows were read
 *   ledgers/NAME/…                the ledgers
 *   rows/TABLE/2026-11-29.jsonl   the rows of each day, as they lie in the record
 */
export interface ExportFacts {
  /** Epoch milliseconds. */
  readonly at: number
  readonly settled: Readonly<Record<string, number>>
}

const EVER: Span = { from: 0, until: Date.UTC(2299, 0) }
const AT_ONCE = 5000

/** Writes it to a folder that is not there yet; resolves with the number of rows. */
export async function exportRecord(directory: string, source: RowSource, to: string, at: number): Promise<number> {
  await mkdir(to)
  const names = await ledgersIn(directory)
  const ledgers = await Promise.all(names.map(name => checkLedger(directory, name, [])))
  let rows = 0
  for (const table of TABLES.keys()) rows += await exportTable(table, source, join(to, 'rows', table))
  // The ledgers after the rows: what the rows brought meanwhile is in them.
  await copyLedgers(directory, join(to, 'ledgers'))
  const facts: ExportFacts = { at, settled: Object.fromEntries(ledgers.map(({ name, size }) => [name, size])) }
  await writeFile(join(to, 'export.json'), `${JSON.stringify(facts, null, 2)}\n`)
  return rows
}

/** Tips and cosignatures as they were before: of a ledger that grows meanwhile they must not be of more than the copy has. */
async function copyLedgers(directory: string, to: string): Promise<void> {
  const before = new Map<string, string>()
  for (const name of await ledgersIn(directory)) {
    for (const file of await growing(join(directory, name))) {
      before.set(join(name, file), await textOf(join(directory, name, file)))
    }
  }
  await cp(directory, to, { recursive: true })
  for (const name of await ledgersIn(to)) {
    for (const file of await growing(join(to, name))) {
      await writeFile(join(to, name, file), before.get(join(name, file)) ?? '')
    }
    await rm(join(to, name, PENDING), { force: true })
  }
}

async function growing(folder: string): Promise<readonly string[]> {
  return [TIPS, ...(await daysOf(folder, 'cosignatures')).map(day => `${day}.cosignatures`)]
}

async function exportTable(table: Table, source: RowSource, to: string): Promise<number> {
  await mkdir(to, { recursive: true })
  const { time } = TABLES.get(table) ?? { time: '' }
  let [rows, waiting] = [0, [] as RowValues[]]
  const write = async (): Promise<void> => {
    for (const [day, ofDay] of Map.groupBy(waiting, row => String(row[time]).slice(0, 10))) {
      await appendFile(join(to, `${day}.jsonl`), ofDay.map(row => `${JSON.stringify(row)}\n`).join(''))
    }
    waiting = []
  }
  for await (const row of source.rows(table, EVER)) {
    rows += 1
    waiting.push(row)
    if (waiting.length >= AT_ONCE) await write()
  }
  await write()
  return rows
}

/** The rows of an export. */
export function exportedRows(folder: string): RowSource {
  return { rows }

  async function* rows(table: Table, { from, until }: Span): AsyncGenerator<RowValues> {
    const { time } = TABLES.get(table) ?? { time: '' }
    const files = (await readdir(join(folder, 'rows', table)).catch(() => [])).sort()
    for (const file of files) {
      for await (const line of linesOf(join(folder, 'rows', table, file))) {
        const row = JSON.parse(line) as RowValues
        const at = Date.parse(`${String(row[time]).replace(' ', 'T')}Z`)
        if (at >= from && at < until) yield row
      }
    }
  }
}

export async function readExportFacts(folder: string): Promise<Parsed<ExportFacts>> {
  try {
    const facts = JSON.parse(await readFile(join(folder, 'export.json'), 'utf8')) as ExportFacts
    const sizes = Object.values(facts.settled)
    if (Number.isFinite(facts.at) && sizes.every(Number.isInteger)) return ok(facts)
  } catch {
    // The same sentence for what is not there and what cannot be read.
  }
  return problem(`${folder} is no export`)
}
