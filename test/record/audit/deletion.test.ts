import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { enterDeletion } from '../../../src/record/audit/enter-deletion.ts'
import { dayOf } from '../../../src/record/ledger/ledger-files.ts'
import { ledgersIn, openOwnLedger } from '../../../src/record/ledger/own-ledger.ts'
import { toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import { deleteRows, type Whose } from '../../../src/record/upkeep/delete-rows.ts'
import { openTestDatabase } from '../embedded.ts'
import { approvalEvent, decision, item, leaseEvent, outcome } from '../entries.ts'
import { type LedgerFolder, makeLedgerFolder } from '../ledger/a-ledger.ts'
import { describeTrouble, openSink, verify } from './a-record.ts'

const database = await openTestDatabase()
const { clickhouse } = database
const { writer } = clickhouse
let folder: LedgerFolder

afterAll(() => database[Symbol.asyncDispose]())

const BOB = 'bob@example.com'

beforeEach(async () => {
  await database.clear()
  folder = await makeLedgerFolder()
  const sink = await openSink(folder, clickhouse)
  const now = Date.now()
  const mine = decision({ auditId: 'mine', decidedAt: now })
  const bobs = decision({ auditId: 'bobs', decidedAt: now, lease: 'lse_2', agent: 'cleaner', sponsor: BOB })
  await sink.write(
    [mine, bobs].flatMap(entry => [toRow(item(entry)), toOutcomeRow(outcome(entry), '')]),
    'requests',
  )
  await sink.write([toRow(item(leaseEvent({ at: now }))), toRow(item(approvalEvent({ at: now, by: BOB })))], 'events')
  await sink.checkpoint()
  await sink.close()
  return () => folder[Symbol.asyncDispose]()
})

const troubles = async () => (await verify(folder, clickhouse)).troubles.map(describeTrouble)

async function deleteOnRequest(whose: Whose): Promise<void> {
  const { directory, keyFile } = folder
  const { ledger } = await openOwnLedger({ directory, keyFile, owner: 'eraser' })
  const said = { by: 'root', why: 'asked to by letter', of: whose.kind }
  const { around, close } = enterDeletion(ledger, writer, said)
  await deleteRows(writer, whose, null, around)
  await close()
}

async function deletionsFile(): Promise<string> {
  const eraser = (await ledgersIn(folder.directory)).find(name => name.startsWith('eraser')) ?? ''
  return join(folder.directory, eraser, `${dayOf(Date.now())}.deletions`)
}

describe('enterDeletion', () => {
  test.each<Whose>([
    { kind: 'lease', name: 'lse_1' },
    { kind: 'agent', name: 'fixer' },
    { kind: 'sponsor', name: BOB },
  ])('what was deleted on request is told from what was taken away: $kind', async whose => {
    await deleteOnRequest(whose)
    const { troubles: found, counts, ledgers } = await verify(folder, clickhouse)
    expect(found.map(describeTrouble)).toEqual([])
    expect(counts.deletedOnRequest).toBeGreaterThan(0)
    const deletions = ledgers.flatMap(ledger => ledger.deletions)
    expect(deletions[0]).toMatchObject({ by: 'root', why: 'asked to by letter', of: whose.kind })
    expect(JSON.stringify(deletions)).not.toContain(whose.name)
  })

  test('without an entry it is a row that is gone, or changed', async () => {
    await deleteRows(writer, { kind: 'sponsor', name: BOB })
    expect((await troubles()).toSorted()).toEqual([
      'deleted decision bobs',
      'deleted outcome bobs',
      'edited approval apr_1%2Fapproved',
    ])
  })

  test('excuses its own rows and no others', async () => {
    await deleteOnRequest({ kind: 'sponsor', name: BOB })
    await deleteRows(writer, { kind: 'lease', name: 'lse_1' })
    expect(await troubles()).toContain('deleted decision mine')
    expect(await troubles()).not.toContain('deleted decision bobs')
  })

  test('a deletion that is changed or made up excuses nothing', async () => {
    await deleteOnRequest({ kind: 'sponsor', name: BOB })
    const file = await deletionsFile()
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace('asked to by letter', 'nobody asked'))
    const changed = await troubles()
    expect(changed).toContain('deleted decision bobs')
    expect(changed.filter(one => one.startsWith('deletion: '))).not.toEqual([])
    await writeFile(file, text)
    expect(await troubles()).toEqual([])
    const [first = ''] = text.split('\n')
    await writeFile(file, `${text}${first.replace('root', 'ruth')}\n`)
    expect(await troubles()).toEqual([expect.stringContaining('is not entered')])
  })
})
