import { join } from 'node:path'
import { splitNotes } from '../../ledger/format/checkpoint.ts'
import { dayFile, daysOf, textOf } from '../../ledger/ledger-files.ts'
import { cosignedAt, signatureLines } from '../../witness/cosignature.ts'
import type { KnownWitness, WitnessPolicy } from '../../witness/witness-policy.ts'
import type { CheckedLedger } from './check-ledger.ts'
import type { Trouble } from './trouble.ts'

export interface CheckedCosignatures {
  /** Checkpoints that a quorum has seen. */
  readonly seen: number
  readonly troubles: readonly Trouble[]
}

/** Newest checkpoints that no witness has to have seen yet: the newest is sent once a minute. */
const NOT_YET = 15

/** By ledger and what was signed, who of the policy signed it. */
export type Cosigned = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<KnownWitness>>>

/** To be read before the ledgers: a ledger that grows meanwhile has all that it was cosigned for. */
export async function readCosignatures(
  directory: string,
  names: readonly string[],
  policy: WitnessPolicy,
): Promise<Cosigned> {
  const read = names.map(async name => [name, await cosignedTexts(join(directory, name), policy)] as const)
  return new Map(await Promise.all(read))
}

/** Whether a quorum of witnesses saw what the ledgers hold; each checkpoint is of all that is before it. */
export function checkCosignatures(
  cosigned: Cosigned,
  ledgers: readonly CheckedLedger[],
  policy: WitnessPolicy,
): CheckedCosignatures {
  const troubles: Trouble[] = []
  let seen = 0
  for (const ledger of ledgers) {
    const texts = cosigned.get(ledger.name) ?? new Map<string, ReadonlySet<KnownWitness>>()
    const here = new Set(ledger.texts)
    const ours = ledger.texts.map(text => policy.isQuorum(texts.get(text) ?? new Set()))
    const strange = [...texts.keys()].filter(text => !here.has(text))
    for (const text of strange.slice(0, 1)) troubles.push(rewritten(ledger.name, text))
    seen += ours.filter(one => one).length
    const newer = ours.length - 1 - ours.lastIndexOf(true)
    if (newer > NOT_YET) {
      const what = `its last ${newer} checkpoints were not seen by a quorum of witnesses`
      troubles.push({ kind: 'unwitnessed', ledger: ledger.name, what })
    }
  }
  return { seen, troubles }
}

async function cosignedTexts(folder: string, { witnesses }: WitnessPolicy) {
  const found = new Map<string, Set<KnownWitness>>()
  for (const day of await daysOf(folder, 'cosignatures')) {
    for (const note of splitNotes(await textOf(dayFile(folder, day, 'cosignatures'))).notes) {
      const text = note.slice(0, note.lastIndexOf('\n\n') + 1)
      const lines = signatureLines(note)
      for (const witness of witnesses) {
        if (cosignedAt(text, lines, witness) !== null) found.set(text, (found.get(text) ?? new Set()).add(witness))
      }
    }
  }
  return found
}

function rewritten(ledger: string, text: string): Trouble {
  const size = text.split('\n', 2)[1]
  const what = `a witness saw another checkpoint of ${size} entries, which it has not: it was rewritten, or put back`
  return { kind: 'split', ledger, what }
}
