import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TABLES } from '../../../src/record/audit/rows.ts'
import { ledgersIn } from '../../../src/record/ledger/own-ledger.ts'
import { cases } from '../../support/more-cases.ts'
import { verify } from './a-record.ts'
import { LEDGER_EDITS } from './ledger-edits.ts'
import { RECORD_EDITS } from './record-edits.ts'
import { changed, clickhouse, copy, folder, oneOf, troublesNow, writer } from './the-record.ts'

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
