import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { LedgerError } from '../../../src/record/ledger/ledger.ts'
import { dayFile, dayOf } from '../../../src/record/ledger/ledger-files.ts'
import { ledgersIn, openOwnLedger } from '../../../src/record/ledger/own-ledger.ts'
import { type LedgerFolder, makeLedgerFolder } from './a-ledger.ts'
import { enter } from './an-entry.ts'

let home: LedgerFolder

beforeEach(async () => {
  home = await makeLedgerFolder()
  return () => home[Symbol.asyncDispose]()
})

describe('openOwnLedger', () => {
  const openOwn = (owner: string) => openOwnLedger({ ...home, owner })

  test('each owner has one of their own, over restarts', async () => {
    const names: string[] = []
    for (const owner of ['host-1 /run/a.sock', 'host-1 /run/b.sock', 'host-1 /run/a.sock']) {
      const { ledger, damaged } = await openOwn(owner)
      expect(damaged).toBe(null)
      names.push(ledger.name)
      await ledger.close()
    }
    expect(names[2]).toBe(names[0])
    expect(new Set(names).size).toBe(2)
  })

  test('one that was changed is left as it is, and another one begins', async () => {
    const first = await openOwn('tap')
    await enter(first.ledger, 'a', 'b')
    await first.ledger.checkpoint()
    await first.ledger.close()
    const file = dayFile(join(home.directory, first.ledger.name), dayOf(Date.now()), 'entries')
    const before = await readFile(file, 'utf8')
    await truncate(file, before.indexOf('decision'))
    const next = await openOwn('tap')
    expect(next.damaged).toContain('it is not what was signed last')
    expect(next.ledger.name).not.toBe(first.ledger.name)
    await next.ledger.close()
    expect(await ledgersIn(home.directory)).toHaveLength(2)
    expect(await readFile(file, 'utf8')).toBe(before.slice(0, before.indexOf('decision')))
  })

  test('nobody else may read it', async () => {
    const { ledger } = await openOwn('tap')
    await ledger.deletion('d-1', '{"id":"d-1","rows":[]}')
    await ledger.checkpoint()
    await ledger.close()
    const folder = join(home.directory, ledger.name)
    const names = (await readdir(folder)).sort()
    expect(names.map(one => one.replace(/^[\d-]+\./, ''))).toEqual(
      expect.arrayContaining(['checkpoints', 'deletions', 'entries', 'owner', 'pending', 'tips']),
    )
    const modes = await Promise.all(
      [home.directory, folder, ...names.map(one => join(folder, one))].map(one => stat(one)),
    )
    expect(modes.filter(({ mode }) => (mode & 0o077) !== 0)).toEqual([])
  })

  test.each([{ file: '/nowhere/key.pem' }, { file: 'text' }])('refuses a key that is none: $file', async ({ file }) => {
    const keyFile = file === 'text' ? join(home.directory, '..', 'text') : file
    if (file === 'text') await writeFile(keyFile, 'secret words')
    const error = await openOwnLedger({ directory: home.directory, keyFile, owner: 'tap' }).catch(
      (thrown: Error) => thrown,
    )
    expect(error).toBeInstanceOf(LedgerError)
    expect(String(error)).not.toContain('secret words')
  })
})
