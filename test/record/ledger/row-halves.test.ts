import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { canonical, type HalfKind, halvesOf, SHAPES } from '../../../src/record/ledger/format/row-halves.ts'
import { toGoneRow, toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import { openTestDatabase, select } from '../embedded.ts'
import { decision, item, leaseEvent, outcome } from '../entries.ts'

const database = await openTestDatabase()
afterAll(() => database[Symbol.asyncDispose]())

const KINDS = Object.keys(SHAPES) as readonly HalfKind[]
const columnsOf = (kind: HalfKind): readonly string[] => [...SHAPES[kind].key, ...SHAPES[kind].columns]

/** What a column can hold, as JSON has it. */
const value = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.string({ unit: 'binary' }).map(text => text.toWellFormed()),
  fc.constantFrom('', 'null', 'true', '0', '","', '\\', '"', '\u2028', '[]'),
  fc.array(fc.string(), { maxLength: 3 }),
)

describe('canonical', () => {
  test.each(KINDS)('two different rows never have the same bytes: %s', kind => {
    const row = fc.record(Object.fromEntries(columnsOf(kind).map(column => [column, value])))
    fc.assert(
      fc.property(row, row, fc.constantFrom(...columnsOf(kind)), value, (one, other, column, changed) => {
        const same = columnsOf(kind).every(name => JSON.stringify(one[name]) === JSON.stringify(other[name]))
        expect(canonical(kind, one) === canonical(kind, other)).toBe(same)
        const edited = { ...one, [column]: changed }
        const unchanged = JSON.stringify(one[column]) === JSON.stringify(changed)
        expect(canonical(kind, one) === canonical(kind, edited)).toBe(unchanged)
      }),
    )
  })

  test('of a row that says nothing in a column that came later the bytes are those that it had before', () => {
    const row = {
      at: 'a',
      approval: 'b',
      event: 'c',
      voice: 'd',
      lease: 'e',
      agent: 'f',
      by: 'g',
      summary: 'h',
      reason: 'i',
    }
    const before = '["leasegate/approval/1","a","b","c","d","e","f","g","h","i"]'
    expect([canonical('approval', row), canonical('approval', { ...row, changes: '' })]).toEqual([before, before])
    expect(canonical('approval', { ...row, changes: 'j' })).toBe(
      '["leasegate/approval/2","a","b","c","d","e","f","g","h","i","j"]',
    )
    const lease = { at: 'a', lease: 'b', event: 'revoked' }
    expect(canonical('lease', { ...lease, parameters: '', ancestors: [] })).toBe(canonical('lease', lease))
    const earlier = { ...lease, parameters: '{}', ancestors: [] }
    const second = canonical('lease', earlier)
    expect(second).toMatch(/^\["leasegate\/lease\/2",.*,"{}",\[\],null\]$/)
    expect(canonical('lease', { ...earlier, delegated_by: '' })).toBe(second)
    expect(canonical('lease', { ...earlier, delegated_by: 'a' })).toMatch(
      /^\["leasegate\/lease\/3",.*,"{}",\[\],null,"a"\]$/,
    )
  })

  test('of a decision with no more risks than before the bytes are those of before', () => {
    const row = toRow(item(decision({ risk: 'a' }))).values
    const { risks, ...before } = row
    expect(risks).toBeNull()
    expect(canonical('decision', row)).toBe(canonical('decision', before))
    expect(canonical('decision', row)).toMatch(/^\["leasegate\/decision\/1",/)
    const several = toRow(item(decision({ risk: 'a', risks: ['b', 'a'] }))).values
    expect(canonical('decision', several)).toMatch(/^\["leasegate\/decision\/2",.*,"b a"\]$/)
  })

  test.each(['decision', 'outcome'] as const)('of a %s are its columns in their order, whatever is in them', kind => {
    const columns = columnsOf(kind).filter(column => column !== 'risks')
    const values = fc.dictionary(
      fc.constantFrom(...columns),
      fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
      { maxKeys: columns.length },
    )
    fc.assert(
      fc.property(values, row => {
        const cells = columns.map(column => row[column] ?? null)
        expect(canonical(kind, row)).toBe(JSON.stringify([`leasegate/${kind}/1`, ...cells]))
      }),
    )
  })

  test('what one column loses another one cannot make up for, nor a row of another kind', () => {
    const texts = fc.tuple(fc.string(), fc.string())
    fc.assert(
      fc.property(texts, texts, (one, other) => {
        const of = ([agent, lease]: readonly [string, string]) => canonical('gone', { agent, lease })
        expect(of(one) === of(other)).toBe(one[0] === other[0] && one[1] === other[1])
      }),
    )
    expect(new Set(KINDS.map(kind => canonical(kind, {}))).size).toBe(KINDS.length)
  })
})

describe('SHAPES', () => {
  test('every column of the record is hashed, but for the last sign of what runs', async () => {
    const tables = [...new Set(KINDS.map(kind => SHAPES[kind].table))]
    for (const table of tables) {
      const there = (await select(database.clickhouse.reader, `DESCRIBE TABLE ${table}`)).map(({ name }) =>
        String(name),
      )
      const hashed = new Set(KINDS.filter(kind => SHAPES[kind].table === table).flatMap(columnsOf))
      const left = there.filter(column => !hashed.has(column))
      expect({ table, left }).toEqual({ table, left: table === 'request_halves' ? ['seen_at'] : [] })
      expect([...hashed].filter(column => !there.includes(column))).toEqual([])
    }
  })
})

describe('docs/trust.md', () => {
  test('shows auditors the columns as they are hashed', async () => {
    const docs = await readFile(new URL('../../../docs/trust.md', import.meta.url), 'utf8')
    for (const [kind, { table, has, key, columns }] of Object.entries(SHAPES)) {
      const cells = [`\`${kind}\``, `\`${table}\``, `\`${has}\` is not NULL`, key.join(', '), columns.join(', ')]
      expect(docs).toContain(`| ${cells.join(' | ')} |`)
    }
  })
})

describe('halvesOf', () => {
  const kinds = (row: Parameters<typeof halvesOf>[0]) => halvesOf(row).map(({ kind }) => kind)
  const entry = decision()

  test('a row is what it brings; what runs yet is nothing', () => {
    expect(kinds(toRow(item(entry)))).toEqual(['decision'])
    expect(kinds(toOutcomeRow(outcome(entry), ''))).toEqual(['outcome'])
    expect(kinds(toOutcomeRow(outcome(entry, { phase: 'open', flags: [], details: '' }), ''))).toEqual([])
    expect(kinds(toGoneRow({ ...entry }, entry.decidedAt))).toEqual(['gone'])
    expect(kinds(toRow(item(leaseEvent())))).toEqual(['lease'])
  })

  test('both halves of a merged row are those that went in', () => {
    const [one, other] = [toRow(item(entry)), toOutcomeRow(outcome(entry), '')]
    const merged = { table: one.table, values: { ...other.values, ...one.values } }
    expect(halvesOf(merged)).toEqual([...halvesOf(one), ...halvesOf(other)])
  })

  test('has the time of the row, whatever came before it', () => {
    const minute = Date.UTC(2026, 10, 29, 23, 59)
    for (const at of [minute, minute + 59_999, minute + 60_000, minute + 1, minute + 123, minute - 1]) {
      expect(halvesOf(toRow(item(decision({ decidedAt: at }))))[0]?.at).toBe(at)
      const toTheSecond = halvesOf(toRow(item({ kind: 'refusals', source: '', minute: at, count: 1 })))[0]?.at
      expect(toTheSecond).toBe(Math.floor(at / 1000) * 1000)
    }
  })

  test('an id has no space, and says nothing of people', () => {
    const spaced = decision({ auditId: 'a 1\nb' })
    expect(halvesOf(toRow(item(spaced)))[0]?.id).toBe('a%201%0Ab')
    const yes = {
      kind: 'approval',
      event: 'yes',
      at: 1,
      approval: 'apr_1',
      lease: '',
      agent: '',
      summary: '',
      reason: '',
    } as const
    const ids = ['eve@example.com', 'bob@example.com'].map(by => halvesOf(toRow(item({ ...yes, by })))[0]?.id)
    expect(new Set(ids).size).toBe(2)
    expect(ids.join()).not.toContain('example.com')
  })
})
