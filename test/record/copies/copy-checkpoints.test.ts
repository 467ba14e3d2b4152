import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CopyTaker } from '../../../src/record/copies/copy.ts'
import { copyCheckpoints } from '../../../src/record/copies/copy-checkpoints.ts'
import { Ledger } from '../../../src/record/ledger/ledger.ts'
import { type LedgerFolder, makeLedgerFolder } from '../ledger/a-ledger.ts'

const NOON = Date.UTC(2026, 10, 29, 12)
const DAY_MS = 86_400_000
const never = new AbortController().signal

interface Shelf extends CopyTaker {
  readonly names: string[]
  /** So many are taken before one is refused; Infinity: all. */
  room: number
}

function aShelf(): Shelf {
  const names: string[] = []
  return {
    names,
    room: Number.POSITIVE_INFINITY,
    async put(name) {
      if (this.room <= 0) throw new Error('no room')
      this.room -= 1
      names.push(name)
    },
  }
}

async function aLedger(home: LedgerFolder) {
  let now = NOON
  const folder = join(home.directory, 'tap')
  const ledger = await Ledger.open({ folder, name: 'tap', key: home.key, now: () => now })
  return {
    ledger,
    folder,
    later: (ms: number) => {
      now += ms
    },
  }
}

const sizes = ({ names }: Shelf) => names.map(name => Number(/\/(\d{16})-/.exec(name)?.[1]))

describe('copyCheckpoints', () => {
  test('puts each checkpoint once, in its order, over the end of a day', async () => {
    await using home = await makeLedgerFolder()
    const { ledger, folder, later } = await aLedger(home)
    const taker = aShelf()
    const copy = () => copyCheckpoints({ folder, ledger: 'tap', taker }, never)
    await ledger.checkpoint()
    await copy()
    await ledger.checkpoint()
    later(DAY_MS)
    await ledger.checkpoint()
    await copy()
    await copy()
    await ledger.close()
    // Each is entered behind itself, and the new day begins with one of its own.
    expect(sizes(taker)).toEqual([1, 2, 3, 4])
    expect(taker.names.map(name => name.split('/')[1])).toEqual([
      ...['2026-11-29', '2026-11-29'],
      ...['2026-11-30', '2026-11-30'],
    ])
  })

  test('what was not taken is put when it can be, and nothing twice', async () => {
    await using home = await makeLedgerFolder()
    const { ledger, folder, later } = await aLedger(home)
    const taker = aShelf()
    const copy = () => copyCheckpoints({ folder, ledger: 'tap', taker }, never)
    for (let n = 0; n < 3; n++) await ledger.checkpoint()
    taker.room = 2
    await expect(copy()).rejects.toThrow('no room')
    later(DAY_MS)
    await ledger.checkpoint()
    await expect(copy()).rejects.toThrow('no room')
    await ledger.close()
    taker.room = Number.POSITIVE_INFINITY
    await copy()
    expect(sizes(taker)).toEqual([1, 2, 3, 4, 5])
  })

  test('one whose place is not known any more begins with its newest day', async () => {
    await using home = await makeLedgerFolder()
    const { ledger, folder, later } = await aLedger(home)
    const taker = aShelf()
    await ledger.checkpoint()
    await copyCheckpoints({ folder, ledger: 'tap', taker }, never)
    later(DAY_MS)
    await ledger.checkpoint()
    await ledger.close()
    await rm(join(folder, 'copied'))
    await copyCheckpoints({ folder, ledger: 'tap', taker }, never)
    expect(sizes(taker)).toEqual([1, 2, 3])
  })
})
