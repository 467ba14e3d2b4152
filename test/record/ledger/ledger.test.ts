import { spawn } from 'node:child_process'
import { generateKeyPairSync, hash } from 'node:crypto'
import { appendFile, mkdir, open as openFile, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, test } from 'vitest'
import { checkLedger } from '../../../src/record/audit/checks/check-ledger.ts'
import { originOf, signCheckpoint } from '../../../src/record/ledger/format/checkpoint.ts'
import { toLine } from '../../../src/record/ledger/format/entry.ts'
import { signNote } from '../../../src/record/ledger/format/signed-note.ts'
import { Frontier, leafHash } from '../../../src/record/ledger/format/tree.ts'
import { Ledger, LedgerError } from '../../../src/record/ledger/ledger.ts'
import { dayFile, dayOf, daysOf } from '../../../src/record/ledger/ledger-files.ts'
import { toLines } from '../../../src/record/ledger/lines.ts'
import { type LedgerFolder, makeLedgerFolder } from './a-ledger.ts'
import { enter, entry, NOON } from './an-entry.ts'

const WRITER = fileURLToPath(new URL('a-writer.ts', import.meta.url))
const DAY_MS = 86_400_000

let home: LedgerFolder
let now = NOON

beforeEach(async () => {
  home = await makeLedgerFolder()
  now = NOON
  return () => home[Symbol.asyncDispose]()
})

const name = 'tap-a'
const folder = () => join(home.directory, name)
const open = () => Ledger.open({ folder: folder(), name, key: home.key, now: () => now })
const check = () => checkLedger(home.directory, name, [home.publicKey])
const entriesFile = (at = NOON) => dayFile(folder(), dayOf(at), 'entries')

async function idsThere(): Promise<readonly string[]> {
  const texts = await Promise.all(
    (await daysOf(folder(), 'entries')).map(day => readFile(dayFile(folder(), day, 'entries'), 'utf8')),
  )
  const lines = texts.flatMap(text => text.split('\n')).filter(line => line.startsWith('decision'))
  return lines.map(line => `${line.split(' ')[0]} ${line.split(' ')[2]}`)
}

describe('Ledger', () => {
  test('is gone on with where it was left, over days, and is good all the while', async () => {
    for (let day = 0; day < 4; day++) {
      const ledger = await open()
      await enter(ledger, `a-${day}`, `b-${day}`)
      await ledger.checkpoint()
      await ledger.close()
      now += DAY_MS / 2
    }
    expect(await idsThere()).toEqual([0, 1, 2, 3].flatMap(day => [`decision a-${day}`, `decision b-${day}`]))
    const checked = await check()
    expect(checked.troubles).toEqual([])
    expect(checked.days.length).toBe(3)
    expect(checked.signed).toBe(checked.size - 1)
  })

  test('can do without its oldest days', async () => {
    const ledger = await open()
    for (let day = 0; day < 3; day++) {
      await enter(ledger, `a-${day}`)
      now += DAY_MS
    }
    await ledger.checkpoint()
    await ledger.close()
    for (const file of await readdir(folder()))
      if (file.startsWith(dayOf(NOON))) await writeFile(join(folder(), file), '')
    const emptied = await check()
    expect(emptied.first).toBeGreaterThan(0)
    expect(emptied.troubles).toEqual([])
  })

  test('what was on its way when it was left may be in the record or not', async () => {
    const ledger = await open()
    await enter(ledger, 'a')
    await ledger.hold(toLines([entry('b'), entry('c')]))
    await ledger.close()
    await (await open()).close()
    expect(await idsThere()).toEqual(['decision a', 'decision? b', 'decision? c'])
    await (await open()).close()
    expect(await idsThere()).toHaveLength(3)
    expect((await check()).troubles).toEqual([
      // One is signed within the first minute.
      expect.objectContaining({ what: 'nothing of it was ever signed' }),
    ])
  })

  test.each([
    { name: 'a line', file: 'entries', half: 'decision 17' },
    { name: 'a checkpoint', file: 'checkpoints', half: 'leasegate/ledger/tap-a\n7\nabc' },
    { name: 'a checkpoint without its signature', file: 'checkpoints', half: 'leasegate/ledger/tap-a\n7\nabc\n\n— le' },
    { name: 'a deletion', file: 'deletions', half: '{"id":' },
    { name: 'what was on its way', file: 'pending', half: 'decision 17 x' },
  ])('half of $name, which a crash left, is nothing', async ({ file, half }) => {
    const ledger = await open()
    await enter(ledger, 'a')
    await ledger.deletion('d-1', '{"id":"d-1","rows":[]}')
    await ledger.checkpoint()
    await ledger.close()
    await appendFile(join(folder(), file === 'pending' ? file : `${dayOf(NOON)}.${file}`), half)
    const next = await open()
    await enter(next, 'b')
    await next.deletion('d-2', '{"id":"d-2","rows":[]}')
    await next.checkpoint()
    await next.close()
    expect(await idsThere()).toEqual(['decision a', 'decision b'])
    expect((await check()).troubles).toEqual([])
  })

  test('a day that is longer than a text may be is gone on with', async () => {
    await mkdir(folder(), { recursive: true })
    const file = await openFile(entriesFile(), 'w')
    await file.write('from 0\n')
    // Line breaks a megabyte apart: next to nothing on disk.
    const tree = new Frontier()
    const leaf = leafHash('\0'.repeat(2 ** 20 - 1))
    for (let line = 1; line <= 600; line++) {
      await file.write('\n', 6 + line * 2 ** 20)
      tree.append(leaf)
    }
    await file.write('half', 7 + 600 * 2 ** 20)
    await file.close()
    await writeFile(dayFile(folder(), dayOf(NOON), 'checkpoints'), `${signCheckpoint(name, tree, home.key)}\n`)
    const ledger = await open()
    expect(ledger.size).toBe(600)
    await ledger.close()
    expect((await stat(entriesFile())).size).toBe(7 + 600 * 2 ** 20)
  })

  test('what somebody wrote behind what was signed is neither gone on with nor signed', async () => {
    const ledger = await open()
    await enter(ledger, 'a')
    await ledger.close()
    await appendFile(entriesFile(), `${toLine(entry('forged'))}\n`)
    await writeFile(join(folder(), 'pending'), `${toLine(entry('pending'))}\nend\n`)
    const next = await open()
    await enter(next, 'b')
    await next.close()
    expect(await idsThere()).toEqual(['decision a', 'decision b'])
  })

  test('what somebody changed of an insert that was on its way is not gone on with', async () => {
    const ledger = await open()
    await ledger.hold(toLines([entry('a'), entry('b')]))
    await ledger.close()
    const pending = join(folder(), 'pending')
    const said = await readFile(pending, 'utf8')
    for (const changed of [said.replace(' b ', ' c '), `${said}${toLine(entry('c'))}\n`, said.slice(0, -60)]) {
      await writeFile(pending, changed)
      await (await open()).close()
    }
    expect(await idsThere()).toEqual([])
    await writeFile(pending, said)
    await (await open()).close()
    expect(await idsThere()).toEqual(['decision? a', 'decision? b'])
  })

  test('what a version before said of an insert that was on its way is gone on with, and nothing that looks like it', async () => {
    await (await open()).close()
    const pending = join(folder(), 'pending')
    const { privateKey: another } = generateKeyPairSync('ed25519')
    const note = (text: string, key = home.key) => signNote(`leasegate/pending/${name}\n${text}\n`, originOf(name), key)
    const lines = ['a', 'b'].map(id => toLine(entry(id))).join('\n')
    const hashAlone = note(hash('sha256', `${lines}\n`, 'base64url'))
    for (const no of [note(lines, another), note(lines).replace(' b ', ' c '), hashAlone, note(`${lines}\nx`)]) {
      await writeFile(pending, no)
      await (await open()).close()
    }
    expect(await idsThere()).toEqual([])
    await writeFile(pending, note(lines))
    await (await open()).close()
    expect(await idsThere()).toEqual(['decision? a', 'decision? b'])
    await (await open()).close()
    expect(await idsThere()).toHaveLength(2)
  })

  test.each(['checkpoints', 'tips'])('%s of somebody else are not gone on from', async kind => {
    const ledger = await open()
    await enter(ledger, 'a')
    await ledger.checkpoint()
    await ledger.close()
    const { privateKey } = generateKeyPairSync('ed25519')
    const forged = `${signCheckpoint(name, new Frontier(), privateKey)}\n`
    await appendFile(kind === 'tips' ? join(folder(), 'tips') : dayFile(folder(), dayOf(NOON), 'checkpoints'), forged)
    await expect(open()).rejects.toThrow(LedgerError)
  })

  test('a batch that a crash left unsigned is on its way', async () => {
    const ledger = await open()
    await enter(ledger, 'a')
    const before = await readFile(join(folder(), 'tips'))
    const held = await ledger.hold(toLines([entry('b')]))
    const pending = await readFile(join(folder(), 'pending'))
    await ledger.settle(held)
    await ledger.close()
    await writeFile(join(folder(), 'tips'), before)
    await writeFile(join(folder(), 'pending'), pending)
    await (await open()).close()
    expect(await idsThere()).toEqual(['decision a', 'decision? b'])
  })

  test('a day whose head was cut is begun again', async () => {
    await (await open()).close()
    now += DAY_MS
    await writeFile(entriesFile(now), 'from 1')
    const ledger = await open()
    await enter(ledger, 'a')
    await ledger.checkpoint()
    await ledger.close()
    expect((await check()).troubles).toEqual([])
  })

  test('two that write to one: each hears of it, and nothing that was signed is lost', async () => {
    const [one, other] = [await open(), await open()]
    await enter(one, 'a')
    await expect(enter(other, 'b')).rejects.toThrow(LedgerError)
    await enter(one, 'c')
    await one.checkpoint()
    expect(await idsThere()).toEqual(['decision a', 'decision c'])
    expect((await check()).troubles).toEqual([])
    await one.close()
    await other.close()
  })

  test('is as good after every one of many kills', async () => {
    const killed = join(home.directory, 'killed')
    let told = -1
    for (let kill = 0; kill < 10; kill++) {
      const child = spawn(process.execPath, [WRITER, killed, home.keyFile, String(told + 1)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = new Promise(resolve => child.on('close', resolve))
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const said = text.trim().split('\n').map(Number)
        told = Math.max(told, ...said)
        if (said.some(batch => batch % 7 === kill % 7)) child.kill('SIGKILL')
      })
      await ended
      const ledger = await Ledger.open({ folder: killed, name: 'killed', key: home.key })
      await ledger.checkpoint()
      await ledger.close()
      expect((await checkLedger(home.directory, 'killed', [home.publicKey])).troubles).toEqual([])
    }
    const text = await readFile(dayFile(killed, dayOf(Date.now()), 'entries'), 'utf8')
    for (let batch = 0; batch <= told; batch++) expect(text).toMatch(new RegExp(`^decision \\d+ a-${batch}-2 `, 'm'))
  })
})
