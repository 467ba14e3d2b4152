import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { TABLES } from '../../../src/record/audit/rows.ts'
import { splitNotes } from '../../../src/record/ledger/checkpoint.ts'
import { dayOf } from '../../../src/record/ledger/ledger-files.ts'
import { ledgersIn } from '../../../src/record/ledger/own-ledger.ts'
import { cases } from '../../support/more-cases.ts'
import { openTestDatabase, select } from '../embedded.ts'
import { makeLedgerFolder } from '../ledger/a-ledger.ts'
import { describeTrouble, openSink, someRows, verify } from './a-record.ts'

const database = await openTestDatabase()
const { clickhouse } = database
const { writer } = clickhouse
const folder = await makeLedgerFolder()
const backup = `${folder.directory}-backup`

afterAll(async () => {
  await folder[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const random = numbers(20_261_129)
const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!

beforeAll(async () => {
  for (const [owner, from] of [
    ['tap-a', 0],
    ['tap-b', 100],
  ] as const) {
    const sink = await openSink(folder, clickhouse, owner)
    for (let batch = 0; batch < 3; batch++) {
      await sink.write(someRows(from + batch * 20, 20), `${owner} ${batch}`)
      await sink.checkpoint()
    }
    await sink.close()
  }
  await cp(folder.directory, backup, { recursive: true })
  for (const table of TABLES.keys()) await writer.command({ query: `CREATE TABLE saved_${table} AS ${table}` })
  for (const table of TABLES.keys()) await copy(table, `saved_${table}`)
})

/** As it was written. */
beforeEach(async () => {
  await rm(folder.directory, { recursive: true })
  await cp(backup, folder.directory, { recursive: true })
})

/** Tables that an edit changed: only they are put back. */
const changed = new Set<string>()

async function copy(from: string, to: string): Promise<void> {
  await writer.command({ query: "SET deduplicate_insert = 'disable'" })
  await writer.command({ query: `TRUNCATE TABLE ${to} SYNC` })
  await writer.command({ query: `INSERT INTO ${to} SELECT * FROM ${from}` })
}

const troublesNow = async (): Promise<readonly string[]> =>
  (await verify(folder, clickhouse)).troubles.map(describeTrouble)

interface Edit {
  readonly name: string
  /** Resolves with what has to be named. */
  readonly act: () => Promise<string>
}

const change = (table: string, sql: string) => {
  changed.add(table)
  return writer.command({ query: `ALTER TABLE ${table} ${sql}`, clickhouse_settings: { mutations_sync: '2' } })
}

const DECISION = ['sponsor', 'path', 'verb', 'namespace', 'name', 'command', 'decision', 'reason', 'rule', 'approval']
const OUTCOME = ['status', 'duration_ms', 'bytes_in', 'bytes_out', 'flags', 'details', 'ended_at', 'forwarded']
const OTHERS = {
  lease_events: ['sponsor', 'by', 'template', 'scope', 'expires_at'],
  approval_events: ['by', 'summary', 'reason', 'changes'],
  hold_events: ['by', 'reason'],
  stop_events: ['by', 'reason'],
  broker_refusals: ['person', 'what', 'status'],
} as const

async function valueFor(table: string, column: string): Promise<string> {
  const [found] = await select(
    writer,
    `SELECT type FROM system.columns WHERE database = 'leasegate' AND table = '${table}' AND name = '${column}'`,
  )
  const type = String(found?.['type'])
  if (type.includes('DateTime64')) return "toDateTime64('2026-01-02 03:04:05.006', 3, 'UTC')"
  if (type.includes('Int')) return `${column} + ${1 + Math.floor(random() * 9)}`
  if (type.includes('Bool')) return `NOT ${column}`
  return `concat(ifNull(${column}, ''), 'x')`
}

async function oneOf(table: string, where: string, columns: string) {
  const rows = await select(writer, `SELECT ${columns} FROM ${table} WHERE ${where}`)
  return pick(rows)
}

const RECORD_EDITS: readonly Edit[] = [
  {
    name: 'a column of a decision',
    act: async () => {
      const { audit_id: id } = await oneOf('request_halves', 'decision IS NOT NULL', 'audit_id')
      const column = pick(DECISION)
      await change(
        'request_halves',
        `UPDATE ${column} = ${await valueFor('request_halves', column)} WHERE audit_id = '${id}'`,
      )
      return `edited decision ${id}`
    },
  },
  {
    name: 'a column of an outcome',
    act: async () => {
      const { audit_id: id } = await oneOf('request_halves', 'ended_at IS NOT NULL', 'audit_id')
      const column = pick(OUTCOME)
      await change(
        'request_halves',
        `UPDATE ${column} = ${await valueFor('request_halves', column)} WHERE audit_id = '${id}' AND ended_at IS NOT NULL`,
      )
      return `edited outcome ${id}`
    },
  },
  {
    name: 'an end that is taken away',
    act: async () => {
      const { audit_id: id } = await oneOf('request_halves', 'ended_at IS NOT NULL', 'audit_id')
      await change('request_halves', `UPDATE ended_at = NULL WHERE audit_id = '${id}'`)
      return `deleted outcome ${id}`
    },
  },
  {
    name: 'a column of an event',
    act: async () => {
      const table = pick(Object.keys(OTHERS) as (keyof typeof OTHERS)[])
      const column = pick(OTHERS[table] as readonly string[])
      const { at } = await oneOf(table, '1', 'at')
      await change(table, `UPDATE ${column} = ${await valueFor(table, column)} WHERE at = '${at}'`)
      return 'edited'
    },
  },
  {
    name: 'a request that is deleted',
    act: async () => {
      const { audit_id: id } = await oneOf('request_halves', 'decision IS NOT NULL', 'audit_id')
      await change('request_halves', `DELETE WHERE audit_id = '${id}'`)
      return `deleted decision ${id}`
    },
  },
  {
    name: 'an event that is deleted',
    act: async () => {
      const table = pick([...Object.keys(OTHERS), 'refusal_summaries'])
      const time = table === 'refusal_summaries' ? 'minute' : 'at'
      const { when } = await oneOf(table, '1', `${time} AS when`)
      await change(table, `DELETE WHERE ${time} = '${when}'`)
      return 'deleted'
    },
  },
  {
    name: 'the newest requests, cut off',
    act: async () => {
      const [{ at, audit_id: id } = {}] = await select(
        writer,
        'SELECT decided_at AS at, audit_id FROM request_halves ORDER BY decided_at DESC LIMIT 1',
      )
      await change('request_halves', `DELETE WHERE decided_at >= '${at}'`)
      return `deleted decision ${id}`
    },
  },
  {
    name: 'a request that never was',
    act: async () => {
      const id = `forged-${random()}`
      changed.add('request_halves')
      await writer.command({
        query: `INSERT INTO request_halves (decided_at, agent, lease, audit_id, decision, path)
          VALUES (now64(3) + INTERVAL ${Math.floor(random() * 3)} DAY, 'agent-1', 'lse_1', '${id}', 'allow', '/api')`,
      })
      return `inserted decision ${id}`
    },
  },
  {
    name: 'two requests that change places',
    act: async () => {
      const [one, other] = await select(
        writer,
        'SELECT audit_id FROM request_halves WHERE decision IS NOT NULL ORDER BY rand() LIMIT 1 BY audit_id LIMIT 2',
      )
      const [a, b] = [one?.['audit_id'], other?.['audit_id']]
      const swapped = `replace(replace(replace(audit_id, '${a}', '?'), '${b}', '${a}'), '?', '${b}')`
      const where = `audit_id IN ('${a}', '${b}')`
      const columns = (await select(writer, 'DESCRIBE request_halves')).map(({ name }) => String(name))
      const values = columns.map(name => (name === 'audit_id' ? swapped : name))
      await writer.command({ query: `CREATE TABLE swapping AS request_halves` })
      await writer.command({ query: `INSERT INTO swapping SELECT ${values} FROM request_halves WHERE ${where}` })
      await change('request_halves', `DELETE WHERE ${where}`)
      await writer.command({ query: 'INSERT INTO request_halves SELECT * FROM swapping' })
      await writer.command({ query: 'DROP TABLE swapping SYNC' })
      return `edited decision ${a}`
    },
  },
]

/** A file of one of the ledgers, changed line by line. */
async function changeFile(kind: string, edit: (lines: string[]) => void): Promise<void> {
  const name = pick(await ledgersIn(folder.directory))
  const file = join(folder.directory, name, `${dayOf(Date.now())}.${kind}`)
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1)
  edit(lines)
  await writeFile(file, lines.map(line => `${line}\n`).join(''))
}

const somewhere = (lines: readonly unknown[], from = 1) => from + Math.floor(random() * (lines.length - from))

const LEDGER_EDITS: readonly Edit[] = [
  {
    name: 'a byte of an entry',
    act: async () => {
      await changeFile('entries', lines => {
        const at = somewhere(lines.slice(0, -1))
        lines[at] = altered(lines[at]!)
      })
      return 'ledger: '
    },
  },
  {
    name: 'an entry that is taken away',
    act: async () => {
      await changeFile('entries', lines => lines.splice(somewhere(lines.slice(0, -1)), 1))
      return 'ledger: '
    },
  },
  {
    name: 'an entry that is put in between',
    act: async () => {
      await changeFile('entries', lines => lines.splice(somewhere(lines.slice(0, -1)), 0, lines[2]!))
      return 'ledger: '
    },
  },
  {
    name: 'two entries that change places',
    act: async () => {
      await changeFile('entries', lines => {
        const at = somewhere(lines.slice(0, -2))
        lines.splice(at, 2, lines[at + 1]!, lines[at]!)
      })
      return 'ledger: '
    },
  },
  {
    name: 'a ledger that is cut',
    act: async () => {
      await changeFile('entries', lines => lines.splice(somewhere(lines.slice(0, -1))))
      return 'ledger: it is cut'
    },
  },
  {
    name: 'a byte of a checkpoint',
    act: async () => {
      await changeFile('checkpoints', lines => {
        const at = pick([...lines.keys()].filter(n => lines[n] !== ''))
        lines[at] = altered(lines[at]!)
      })
      return 'checkpoint: '
    },
  },
  {
    name: 'a checkpoint that is taken away',
    act: async () => {
      const name = pick(await ledgersIn(folder.directory))
      const file = join(folder.directory, name, `${dayOf(Date.now())}.checkpoints`)
      const { notes } = splitNotes(await readFile(file, 'utf8'))
      const without = pick([...notes.keys()])
      await writeFile(
        file,
        notes
          .filter((_, n) => n !== without)
          .map(note => `${note}\n`)
          .join(''),
      )
      return 'checkpoint: '
    },
  },
]

/** One character of it is another one. */
function altered(line: string): string {
  const at = Math.floor(random() * line.length)
  return `${line.slice(0, at)}${line[at] === 'A' ? 'B' : 'A'}${line.slice(at + 1)}`
}

describe('verifyRecord', () => {
  test('finds nothing in a record that nobody touched, merged or not, read at once or in parts', async () => {
    expect(await troublesNow()).toEqual([])
    const inParts = await verify(folder, clickhouse, { atOnce: 10 })
    expect(inParts.troubles).toEqual([])
    for (const table of TABLES.keys()) await writer.command({ query: `OPTIMIZE TABLE ${table} FINAL` })
    const merged = await verify(folder, clickhouse)
    expect(merged.troubles).toEqual([])
    expect(merged.counts.good).toBe(inParts.counts.good)
    expect(merged.counts.good).toBeGreaterThan(200)
  })

  test.each(RECORD_EDITS.flatMap(edit => Array.from({ length: cases(3, 8) }, (_, n) => ({ ...edit, n }))))(
    'names $name ($n)',
    async ({ name, act }) => {
      const wanted = await act()
      const found = await troublesNow()
      expect(changed.size).toBe(1)
      for (const table of changed) await copy(`saved_${table}`, table)
      changed.clear()
      expect(found.join('\n')).toContain(wanted)
      // What was left alone is not named.
      if (/^a (column|request that never)/.test(name)) expect(found).toEqual([expect.stringContaining(wanted)])
    },
  )

  test.each(LEDGER_EDITS.flatMap(edit => Array.from({ length: cases(2, 6) }, (_, n) => ({ ...edit, n }))))(
    'names $name ($n)',
    async ({ act }) => {
      const wanted = await act()
      expect((await troublesNow()).join('\n')).toContain(wanted)
    },
  )

  test('names an outcome that a row beside it changes for readers, before anything is merged', async () => {
    await writer.command({ query: 'SYSTEM STOP MERGES request_halves' })
    const columns = 'decided_at, agent, lease, audit_id'
    const one = await oneOf('request_halves', 'ended_at IS NOT NULL', columns)
    await writer.insert({
      table: 'request_halves',
      values: [{ ...one, status: 599, forwarded: true, bytes_out: 9_000_000_000 }],
      format: 'JSONEachRow',
    })
    const found = await troublesNow()
    await writer.command({ query: 'SYSTEM START MERGES request_halves' })
    await copy('saved_request_halves', 'request_halves')
    expect(found).toEqual([`inserted outcome ${one['audit_id']}`])
  })

  test('names every entry when a whole ledger is taken away', async () => {
    const name = (await ledgersIn(folder.directory)).at(-1)
    await rm(join(folder.directory, name!), { recursive: true })
    const found = await troublesNow()
    expect(found.filter(one => one.startsWith('inserted decision'))).toHaveLength(60)
  })
})

/** Mulberry32: the same numbers every time. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
