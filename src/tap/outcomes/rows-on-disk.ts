import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { SHAPES } from '../../record/ledger/format/row-halves.ts'
import type { Row } from '../../record/record-sink.ts'
import type { Logger } from '../../support/logger.ts'
import type { KeptBatch, KeptRows } from './kept-rows.ts'

/** Less than the volume has, which would have the pod evicted; more than what the tap holds at most takes. */
const MAX_BYTES = 64 * 2 ** 20
const EXTENSION = '.jsonl'

interface File {
  /** Null where none could be made, and of what a process before left. */
  readonly descriptor: number | null
  bytes: number
  isWhole: boolean
}

/**
 * A file for each batch, a line for each row. Nobody waits for the disk: the process may be killed, and the kernel still has what was
 * written. The folder is one process's at a time.
 */
export class RowsOnDisk implements KeptRows {
  readonly #folder: string
  readonly #log: Logger
  readonly #maxBytes: number
  readonly #files = new Map<string, File>()
  #bytes = 0

  constructor(folder: string, log: Logger, maxBytes = MAX_BYTES) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.#folder = folder
    this.#log = log
    this.#maxBytes = maxBytes
  }

  left(): readonly KeptBatch[] {
    const names = readdirSync(this.#folder).filter(name => name.endsWith(EXTENSION))
    // Ids begin with their time.
    return names.sort().map(name => {
      const id = name.slice(0, -EXTENSION.length)
      const bytes = readFileSync(this.#path(id))
      // It takes its room until it is written, whoever wrote it.
      this.#files.set(id, { descriptor: null, bytes: bytes.length, isWhole: true })
      this.#bytes += bytes.length
      return { id, rows: toRows(bytes.toString()) }
    })
  }

  keep(batch: string, row: Row): void {
    const file = this.#files.get(batch) ?? this.#open(batch)
    if (file.isWhole) this.#append(file, Buffer.from(`${JSON.stringify(row)}\n`))
  }

  has(batch: string): boolean {
    return this.#files.get(batch)?.isWhole ?? existsSync(this.#path(batch))
  }

  forget(batch: string): void {
    const file = this.#files.get(batch)
    if (file !== undefined) {
      if (file.descriptor !== null) closeSync(file.descriptor)
      this.#bytes -= file.bytes
      this.#files.delete(batch)
    }
    try {
      rmSync(this.#path(batch), { force: true })
    } catch (err) {
      // It is written once more by the next process, which changes nothing.
      this.#log.warn({ err }, 'outcomes that are written stay on disk')
    }
  }

  #open(batch: string): File {
    const descriptor = this.#trying(() => openSync(this.#path(batch), 'a', 0o600))
    const file = { descriptor, bytes: 0, isWhole: descriptor !== null }
    this.#files.set(batch, file)
    return file
  }

  #append(file: File, line: Buffer): void {
    const { descriptor } = file
    const written = this.#trying(() => {
      if (descriptor === null || this.#bytes + line.length > this.#maxBytes) throw new Error('no room for more')
      if (writeSync(descriptor, line) < line.length) throw new Error('no room for all of one')
      return line.length
    })
    // No more rows for this batch: it would be said of each.
    if (written === null) file.isWhole = false
    file.bytes += written ?? 0
    this.#bytes += written ?? 0
  }

  #trying<T>(does: () => T): T | null {
    try {
      return does()
    } catch (err) {
      this.#log.warn({ err }, 'outcomes are kept in memory alone')
      return null
    }
  }

  #path(batch: string): string {
    return join(this.#folder, batch + EXTENSION)
  }
}

/** But for one that was cut when its process died. */
function toRows(text: string): readonly Row[] {
  return text.split('\n').flatMap(line => {
    const row = parsed(line)
    return isRow(row) ? [row] : []
  })
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

/** What an outcome may say. Of a tap of another version there may be more: ClickHouse would refuse that for ever, and all that waits behind it. */
const COLUMNS: ReadonlySet<string> = new Set([
  ...[...SHAPES.outcome.key, ...SHAPES.outcome.columns],
  ...[...SHAPES.gone.columns, 'seen_at'],
])

/** Outcomes have one table, which has the decisions as well; nothing else is written by what lies in this folder. */
function isRow(value: unknown): value is Row {
  if (typeof value !== 'object' || value === null) return false
  const { table, values } = value as Partial<Row>
  if (table !== 'request_halves' || typeof values !== 'object' || values === null) return false
  const isKeyed = SHAPES.outcome.key.every(column => typeof values[column] === 'string')
  return isKeyed && Object.entries(values).every(([column, one]) => COLUMNS.has(column) && isPlain(one))
}

function isPlain(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}
