import { appendFile } from 'node:fs/promises'
import { splitNotes } from '../ledger/checkpoint.ts'
import { consistencyProof } from '../ledger/consistency.ts'
import { dayFile, daysOf, FILE_MODE, textOf } from '../ledger/ledger-files.ts'
import { askWitness, type WitnessAnswer } from './ask-witness.ts'
import { growFrom, type LedgerPlace, placeOf } from './ledger-place.ts'
import type { KnownWitness, WitnessPolicy } from './witness-policy.ts'

export interface Cosigning {
  readonly folder: string
  readonly policy: WitnessPolicy
  readonly caFile: string | null
}

/** Where a witness was left; asked anew by whoever begins. */
export type Seen = Map<KnownWitness, LedgerPlace>

/** Has the newest checkpoint cosigned by each witness, and keeps that beside it. Rejects where one did not. */
export async function cosignNewest({ folder, policy, caFile }: Cosigning, seen: Seen): Promise<void> {
  const day = (await daysOf(folder, 'checkpoints')).at(-1)
  const note =
    day === undefined ? undefined : splitNotes(await textOf(dayFile(folder, day, 'checkpoints'))).notes.at(-1)
  if (day === undefined || note === undefined) return
  const problems: string[] = []
  for (const witness of policy.witnesses.filter(({ url }) => url !== null)) {
    const lines = await cosign({ folder, caFile, witness, note }, seen).catch((error: Error) => error.message)
    if (typeof lines === 'string') problems.push(lines)
    else {
      const text = note.slice(0, note.lastIndexOf('\n\n') + 2)
      await appendFile(dayFile(folder, day, 'cosignatures'), `${text}${lines.join('\n')}\n\n`, { mode: FILE_MODE })
    }
  }
  if (problems.length > 0) throw new Error(problems.join('; '))
}

interface One extends Pick<Cosigning, 'folder' | 'caFile'> {
  readonly witness: KnownWitness
  readonly note: string
}

/** Its lines. Rejects where it does not sign. */
async function cosign({ folder, caFile, witness, note }: One, seen: Seen): Promise<readonly string[]> {
  const size = Number(note.split('\n', 2)[1])
  const ask = async (from: LedgerPlace | null): Promise<WitnessAnswer> => {
    // Whom nothing is known of says with its no what it has.
    if (from === null) return askWitness(witness, note, { oldSize: 0, proof: [] }, caFile)
    const grown = await growFrom(folder, from, size)
    if (grown === null) throw new Error(`witness ${witness.name} saw ${from.tree.size} entries, here are ${size}`)
    const oldSize = from.tree.size
    const answer = await askWitness(
      witness,
      note,
      { oldSize, proof: consistencyProof(oldSize, size, grown.grown) },
      caFile,
    )
    if (answer.kind === 'cosigned') seen.set(witness, grown.place)
    return answer
  }
  let answer = await ask(seen.get(witness) ?? null)
  if (answer.kind === 'other-size') {
    const from = answer.size > size ? null : await placeOf(folder, answer.size)
    if (from === null)
      throw new Error(
        `witness ${witness.name} saw ${answer.size} entries, of which here are ${size}: the ledger was put back`,
      )
    answer = await ask(from)
  }
  if (answer.kind === 'cosigned') return answer.lines
  seen.delete(witness)
  const why = answer.kind === 'refused' ? answer.why : 'it changes its mind'
  throw new Error(`witness ${witness.name} does not sign: ${why}`)
}
