import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { splitNotes } from '../../../src/record/ledger/format/checkpoint.ts'
import { dayOf } from '../../../src/record/ledger/ledger-files.ts'
import { ledgersIn } from '../../../src/record/ledger/own-ledger.ts'
import { type Edit, folder, pick, random } from './the-record.ts'

/** A file of one of the ledgers, changed line by line. */
async function changeFile(kind: string, edit: (lines: string[]) => void): Promise<void> {
  const name = pick(await ledgersIn(folder.directory))
  const file = join(folder.directory, name, `${dayOf(Date.now())}.${kind}`)
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1)
  edit(lines)
  await writeFile(file, lines.map(line => `${line}\n`).join(''))
}

const somewhere = (lines: readonly unknown[], from = 1) => from + Math.floor(random() * (lines.length - from))

export const LEDGER_EDITS: readonly Edit[] = [
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
