import { hash, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { least } from '../../support/extremes.ts'
import { ok, type Parsed, problem } from '../../support/text/parsed.ts'
import { openCheckpoint, originOf } from '../ledger/format/checkpoint.ts'
import { halfOf, parseLine } from '../ledger/format/entry.ts'
import { Frontier, inclusionProof, leafHash, rootFromProof } from '../ledger/format/tree.ts'
import { dayFile, parseHead } from '../ledger/ledger-files.ts'
import { linesOf } from '../ledger/ledger-lines.ts'
import { readCheckpoints } from './checks/check-checkpoints.ts'
import { type CheckedLedger, checkLedger } from './checks/check-ledger.ts'

const FORMAT = 'c2sp.org/tlog-proof@v1'

/** An entry of a ledger, and what shows that it is there: checked with the public key alone. */
export interface Proved {
  readonly ledger: string
  readonly index: number
  readonly line: string
  /** Canonical bytes of the row's half, as a text. */
  readonly row: string
}

interface Found {
  readonly ledger: CheckedLedger
  readonly index: number
  readonly line: string
}

/** Entries of ledgers that have this id. */
export async function findEntries(directory: string, names: readonly string[], id: string): Promise<readonly Found[]> {
  const found: Found[] = []
  for (const name of names) {
    const ledger = await checkLedger(directory, name, [])
    for (const { day, first } of ledger.days) {
      let index = first - 1
      for await (const line of linesOf(dayFile(join(directory, name), day, 'entries'))) {
        const entry = index < first ? null : parseLine(line)
        if (entry !== null && entry.id === encodeURIComponent(id) && halfOf(entry)?.sure)
          found.push({ ledger, index, line })
        index += 1
      }
    }
  }
  return found
}

/** A proof in the format of c2sp.org/tlog-proof; its extra data are the line and the row. */
export async function toProof({ ledger, index, line }: Found, row: string, key: KeyObject): Promise<Parsed<string>> {
  const { bySize } = await readCheckpoints(ledger.folder, ledger.name, [key])
  const size = least([...bySize.keys()].filter(one => one > index))
  const note = bySize.get(size)?.[0]?.note
  if (note === undefined) return problem('no checkpoint is of it yet: wait a minute')
  const proof = inclusionProof(index, size, await readTree(ledger))
  const extra = Buffer.from(`${line}\n${row}`).toString('base64')
  const hashes = proof.map(one => `${one.toString('base64')}\n`).join('')
  return ok(`${FORMAT}\nextra ${extra}\nindex ${index}\n${hashes}\n${note}`)
}

async function readTree({ folder, days }: CheckedLedger) {
  let before: Frontier | null = null
  const leaves: Buffer[] = []
  for (const { day } of days) {
    let head = true
    for await (const line of linesOf(dayFile(folder, day, 'entries'))) {
      if (head) before ??= parseHead(line)
      else leaves.push(leafHash(line))
      head = false
    }
  }
  return { before: before ?? new Frontier(), leaves }
}

/** Checks a proof by itself. */
export function checkProof(text: string, key: KeyObject): Parsed<Proved> {
  const end = text.indexOf('\n\n')
  const [format, extra = '', index = '', ...hashes] = text.slice(0, Math.max(end, 0)).split('\n')
  if (format !== FORMAT || !extra.startsWith('extra ') || !/^index (0|[1-9]\d{0,15})$/.test(index)) {
    return problem('it is no proof of this form')
  }
  const note = text.slice(end + 2)
  const ledger = note.split('\n', 1).join('').slice(originOf('').length)
  const checkpoint = openCheckpoint(note, ledger, key)
  if (checkpoint.kind === 'problem') return problem(`its checkpoint: ${checkpoint.message}`)
  const [line = '', ...rows] = Buffer.from(extra.slice(6), 'base64').toString().split('\n')
  const row = rows.join('\n')
  const entry = parseLine(line)
  if (entry === null || entry.hash !== hash('sha256', row, 'base64url'))
    return problem('the row is not the one that was entered')
  const position = Number(index.slice(6))
  const proof = hashes.map(readHash)
  if (!proof.every(one => one !== null)) return problem('a hash in it is none')
  const root = rootFromProof(leafHash(line), position, checkpoint.value.size, proof)
  if (root === null || !root.equals(checkpoint.value.root))
    return problem('the entry is not in the tree that was signed')
  return ok({ ledger, index: position, line, row })
}

const HASH_BYTES = 32

/** Null for what is no hash, or one in another spelling: a proof can be written in one way alone. */
function readHash(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === HASH_BYTES && bytes.toString('base64') === text ? bytes : null
}
