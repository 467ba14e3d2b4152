import { chmod, readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { examineLedgers } from '../../../src/proof/doctor/store/ledgers.ts'
import { copyCheckpoints } from '../../../src/record/copies/copy-checkpoints.ts'
import { openOwnLedger } from '../../../src/record/ledger/own-ledger.ts'
import { type LedgerFolder, makeLedgerFolder } from '../../record/ledger/a-ledger.ts'

let home: LedgerFolder
let name = ''

beforeEach(async () => {
  home = await makeLedgerFolder()
  const { ledger } = await openOwnLedger({ ...home, owner: 'tap' })
  name = ledger.name
  await ledger.checkpoint()
  await ledger.close()
  return () => home[Symbol.asyncDispose]()
})

const found = async (now = Date.now()) =>
  (await examineLedgers(home.directory, now)).findings.map(({ severity, what }) => [severity, what])

describe('examineLedgers', () => {
  test("finds nothing in one that is signed and its owner's alone", async () => {
    expect(await found()).toEqual([])
  })

  test('one that nobody signs any more is found', async () => {
    expect(await found(Date.now() + 11 * 60_000)).toEqual([['error', expect.stringContaining('was signed')]])
  })

  test('one whose checkpoints are put to a second place, and were not for ten minutes, is found', async () => {
    const folder = join(home.directory, name)
    const taker = { put: async () => {} }
    await copyCheckpoints({ folder, ledger: name, taker }, AbortSignal.timeout(60_000))
    expect(await found()).toEqual([])
    const before = new Date(Date.now() - 11 * 60_000)
    await utimes(join(folder, 'copied'), before, before)
    expect(await found()).toEqual([['error', expect.stringContaining('put to the second place for the last time')]])
  })

  test('where there is none, none was signed', async () => {
    await using empty = await makeLedgerFolder()
    const { ledger } = await openOwnLedger({ ...empty, owner: 'tap' })
    await ledger.close()
    const { findings } = await examineLedgers(empty.directory, Date.now())
    expect(findings).toEqual([expect.objectContaining({ severity: 'error', what: expect.stringContaining('never') })])
  })

  test.each([
    { what: 'the folder of all', at: () => home.directory },
    { what: 'a ledger', at: () => join(home.directory, name) },
    { what: 'a file of one', at: () => join(home.directory, name, 'tips') },
  ])('$what that others may write to is critical, and gone after the mend', async ({ at }) => {
    await chmod(at(), 0o770)
    expect(await found()).toEqual([['critical', expect.stringContaining(at())]])
    await chmod(at(), 0o740)
    expect(await found()).toEqual([['warning', expect.stringContaining(at())]])
    const isFile = (await readdir(join(home.directory, name))).some(file => at().endsWith(file))
    await chmod(at(), isFile ? 0o600 : 0o700)
    expect(await found()).toEqual([])
  })
})
