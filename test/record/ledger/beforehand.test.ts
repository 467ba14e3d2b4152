import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { checkLedger } from '../../../src/record/audit/checks/check-ledger.ts'
import { Ledger } from '../../../src/record/ledger/ledger.ts'
import { dayOf } from '../../../src/record/ledger/ledger-files.ts'
import { createLedgerSink } from '../../../src/record/ledger/ledger-sink.ts'
import { toLines } from '../../../src/record/ledger/lines.ts'
import { RecordError, type RecordSink, type Row } from '../../../src/record/record-sink.ts'
import { someRows } from '../audit/a-record.ts'
import { type LedgerFolder, makeLedgerFolder } from './a-ledger.ts'
import { enter, entry, NOON } from './an-entry.ts'

let home: LedgerFolder
let now = NOON

beforeEach(async () => {
  home = await makeLedgerFolder()
  now = NOON
  return () => home[Symbol.asyncDispose]()
})

const open = (name = 'a') => Ledger.open({ folder: join(home.directory, name), name, key: home.key, now: () => now })
const textOf = (name: string, file = `${dayOf(NOON)}.entries`) => readFile(join(home.directory, name, file), 'utf8')
/** More than are worked out in one go. */
const many = (word: string) => toLines(Array.from({ length: 2000 }, (_, n) => entry(`${word}-${n}`)))

async function expectGood(ledger: Ledger): Promise<void> {
  await ledger.checkpoint()
  await ledger.close()
  expect((await checkLedger(home.directory, ledger.name, [home.publicKey])).troubles).toEqual([])
  // It goes on from what was signed.
  await (await open(ledger.name)).close()
}

describe('what an insert comes to, worked out beside it', () => {
  test('is what comes of it', async () => {
    const ledger = await open()
    const before = ledger.size
    for (const word of ['a', 'b']) {
      const held = await ledger.hold(many(word))
      await ledger.foresee(held)
      await ledger.settle(held)
    }
    expect(ledger.size).toBe(before + 4000)
    await expectGood(ledger)
  })

  test.each([
    { name: 'a checkpoint', meanwhile: (ledger: Ledger) => ledger.checkpoint() },
    { name: 'other entries', meanwhile: (ledger: Ledger) => ledger.add([entry('other')]) },
    {
      name: 'another day',
      meanwhile: async () => {
        now += 86_400_000
      },
    },
  ])('counts no more after $name', async ({ meanwhile }) => {
    const ledger = await open()
    const held = await ledger.hold(many('a'))
    await ledger.foresee(held)
    await meanwhile(ledger)
    await ledger.settle(held)
    await enter(ledger, 'b')
    await expectGood(ledger)
  })

  test('is of that insert alone', async () => {
    const ledger = await open()
    const refused = await ledger.hold(many('a'))
    await ledger.foresee(refused)
    await ledger.drop(refused)
    const held = await ledger.hold(many('b'))
    await ledger.settle(held)
    await expectGood(ledger)
    expect(await textOf('a')).not.toMatch(/ a-\d/)
  })

  test('writes nothing', async () => {
    const ledger = await open()
    const held = await ledger.hold(many('a'))
    const there = () => Promise.all([textOf('a'), textOf('a', 'pending'), textOf('a', 'tips')])
    const before = await there()
    await ledger.foresee(held)
    expect(await there()).toEqual(before)
    await ledger.close()
  })
})

describe('rows that were looked at before their turn', () => {
  const halves = async (name: string) =>
    (await textOf(name)).split('\n').filter(line => /^[a-z]+ \d+ \S+ /.test(line) && !/^(began|checkpoint)/.test(line))

  test('are entered as those that were not', async () => {
    const rows = someRows(0, 50)
    for (const name of ['without', 'with']) {
      const ledger = await open(name)
      const sink = createLedgerSink({ write: async () => {} }, ledger)
      if (name === 'with') sink.prepare?.(rows)
      await sink.write(rows, 'one')
      await expectGood(ledger)
    }
    expect(await halves('with')).toEqual(await halves('without'))
    expect(await halves('with')).not.toEqual([])
  })

  test('are in the ledger when the record has them, and only then', async () => {
    const ledger = await open()
    const inserted: (readonly Row[])[] = []
    const inner: RecordSink = {
      write: async rows => {
        expect(await halves('a')).toEqual([])
        if (inserted.push(rows) === 1) throw new RecordError('refused', 'no')
      },
    }
    const sink = createLedgerSink(inner, ledger)
    const rows = someRows(0, 5).filter(({ table }) => table === 'request_halves')
    sink.prepare?.(rows)
    await expect(sink.write(rows, 'one')).rejects.toThrow('no')
    expect(await halves('a')).toEqual([])
    await sink.write(rows, 'one')
    expect(await halves('a')).not.toEqual([])
    expect(inserted).toEqual([rows, rows])
    await expectGood(ledger)
  })

  test('that cannot be entered are told of when they are written', async () => {
    const ledger = await open()
    const sink = createLedgerSink({ write: async () => {} }, ledger)
    const rows: readonly Row[] = [
      {
        table: 'request_halves',
        values: { audit_id: '\ud800', decision: 'deny', decided_at: '2026-11-29 10:00:00.000' },
      },
    ]
    sink.prepare?.(rows)
    await expect(sink.write(rows)).rejects.toThrow('URI malformed')
    await expectGood(ledger)
  })
})
