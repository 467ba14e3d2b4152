import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toDeletionLine } from '../../../src/record/audit/checks/check-deletions.ts'
import { verifyRecord } from '../../../src/record/audit/verify-record.ts'
import type { CopyTaker } from '../../../src/record/copies/copy.ts'
import { copyCheckpoints } from '../../../src/record/copies/copy-checkpoints.ts'
import { folderCopies } from '../../../src/record/copies/folder-copies.ts'
import { signCheckpoint } from '../../../src/record/ledger/format/checkpoint.ts'
import { Frontier } from '../../../src/record/ledger/format/tree.ts'
import { Ledger } from '../../../src/record/ledger/ledger.ts'
import { dayFile, dayOf, daysOf, toHead } from '../../../src/record/ledger/ledger-files.ts'
import { type LedgerFolder, makeLedgerFolder } from '../ledger/a-ledger.ts'
import { describeTrouble } from './a-record.ts'

const DAY_MS = 86_400_000
const NOW = Date.UTC(2026, 10, 29, 12)
const LONG_AGO = '2020-01-01'
const BEGINNING = expect.stringMatching(/^ledger: its first \d+ entries are missing, of which rows are still kept/)
const RENAMED = expect.stringMatching(/^ledger: what it has as entries of 2020-01-01 was entered at .*: it was renamed/)
const REWRITTEN = expect.stringMatching(/^rewritten: it has not the checkpoint of \d+ entries/)

let home: LedgerFolder
let folder: string
let now: number

beforeEach(async () => {
  home = await makeLedgerFolder()
  folder = join(home.directory, 'tap')
  await aTapSigns(NOW - 2 * DAY_MS, 3)
})
afterEach(() => home[Symbol.asyncDispose]())

const elsewhere = () => join(dirname(home.directory), 'second-place')
const taker: CopyTaker = {
  put: async (name, note) => {
    const file = join(elsewhere(), name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, note)
  },
}

/** Some checkpoints on each of these days, each put to the second place. */
async function aTapSigns(from: number, days: number): Promise<void> {
  now = from
  const ledger = await Ledger.open({ folder, name: 'tap', key: home.key, now: () => now })
  for (let day = 0; day < days; day++) {
    now = from + day * DAY_MS
    for (let n = 0; n < 4; n++) {
      await ledger.checkpoint()
      now += 1000
    }
    await copyCheckpoints({ folder, ledger: 'tap', taker }, AbortSignal.timeout(60_000))
  }
  await ledger.close()
}

/** Of an empty record: whoever takes days away takes their rows as well. */
async function found(given: { readonly withCopies: boolean }) {
  const verified = await verifyRecord({
    directory: home.directory,
    keys: [home.publicKey],
    source: { rows: async function* () {} },
    keep: { requests: 90 * DAY_MS, events: 400 * DAY_MS },
    now: NOW + 1000,
    ...(given.withCopies && { copies: folderCopies(elsewhere()) }),
  })
  return verified.troubles.map(describeTrouble)
}

/** The last day is all that is left, under the name of this one. */
async function leaveLastDay(name: string): Promise<void> {
  const last = (await daysOf(folder, 'entries')).at(-1) ?? ''
  for (const file of await readdir(folder)) {
    if (!/^\d{4}-/.test(file)) continue
    if (file.startsWith(last)) await rename(join(folder, file), join(folder, file.replace(last, name)))
    else await rm(join(folder, file))
  }
}

describe('a ledger whose first days were taken away', () => {
  test('is found by who has no second place, also where its files say that they are old', async () => {
    expect(await found({ withCopies: true })).toEqual([])
    await leaveLastDay(LONG_AGO)
    expect(await found({ withCopies: false })).toEqual([RENAMED, BEGINNING])
    expect(await found({ withCopies: true })).toEqual([REWRITTEN, RENAMED, BEGINNING])
  })

  test('and where nothing is left of it but one signed head', async () => {
    const [, second = ''] = await daysOf(folder, 'entries')
    const head = (await readFile(dayFile(folder, second, 'entries'), 'utf8')).split('\n')[0] ?? ''
    const [first = '', signed = ''] = (await readFile(dayFile(folder, second, 'checkpoints'), 'utf8')).split('\n\n')
    for (const file of await readdir(folder)) if (file !== 'owner') await rm(join(folder, file))
    await writeFile(dayFile(folder, LONG_AGO, 'entries'), `${head}\ncheckpoint 1577836800000 5 ${'h'.repeat(43)}\n`)
    await writeFile(dayFile(folder, LONG_AGO, 'checkpoints'), `${first}\n\n${signed}\n\n`)
    expect(await found({ withCopies: false })).toContainEqual(BEGINNING)
    expect(await found({ withCopies: true })).toContainEqual(REWRITTEN)
  })

  test('is found by the second place where somebody who has the key writes another one, that begins long ago', async () => {
    await rm(folder, { recursive: true })
    await mkdir(folder)
    const forged = new Frontier(1024, [randomBytes(32)])
    await writeFile(dayFile(folder, LONG_AGO, 'entries'), `${toHead(forged)}\n`)
    await writeFile(dayFile(folder, LONG_AGO, 'checkpoints'), `${signCheckpoint('tap', forged, home.key)}\n`)
    // A clock that stands where they like.
    await aTapSigns(Date.parse(LONG_AGO), 1)
    await aTapSigns(NOW, 1)
    expect(await found({ withCopies: true })).toEqual([REWRITTEN])
  })

  test('is found by the second place also where somebody who has the key says that it was pruned', async () => {
    const first = await firstOf(NOW)
    await leaveLastDay(dayOf(NOW))
    const eraser = await Ledger.open({
      folder: join(home.directory, 'eraser'),
      name: 'eraser',
      key: home.key,
      now: () => NOW,
    })
    const taken = { ledger: 'tap', until: LONG_AGO, first }
    const said = { id: 'd', at: NOW, by: 'eve', why: 'old', of: 'days', rows: [], taken } as const
    await eraser.deletion('d', toDeletionLine(said))
    await eraser.checkpoint()
    await eraser.close()
    expect(await found({ withCopies: true })).toEqual([REWRITTEN])
    // Nor does it help to say so of a time that has not come.
    const ahead = { ...said, id: 'e', at: NOW + 500 * DAY_MS, taken: { ...taken, until: dayOf(NOW - DAY_MS) } }
    await rm(join(home.directory, 'eraser'), { recursive: true })
    const again = await Ledger.open({
      folder: join(home.directory, 'eraser'),
      name: 'eraser',
      key: home.key,
      now: () => NOW,
    })
    await again.deletion('e', toDeletionLine(ahead))
    await again.checkpoint()
    await again.close()
    expect(await found({ withCopies: false })).toEqual([BEGINNING])
  })
})

async function firstOf(ms: number): Promise<number> {
  const text = await readFile(dayFile(folder, dayOf(ms), 'entries'), 'utf8')
  return Number(text.split(' ')[1])
}
