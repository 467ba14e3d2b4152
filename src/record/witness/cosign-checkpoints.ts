import { appendFile } from 'node:fs/promises'
import { consistencyProof } from '../ledger/format/consistency.ts'
import { dayFile, FILE_MODE } from '../ledger/ledger-files.ts'
import { askWitness, type WitnessAnswer } from './ask-witness.ts'
import { growFrom, type LedgerPlace, placeOf } from './ledger-place.ts'
import { newestCheckpoint, nextCheckpoint, type OwnCheckpoint } from './next-checkpoint.ts'
import type { KnownWitness, WitnessPolicy } from './witness-policy.ts'

export interface Cosigning {
  readonly folder: string
  readonly policy: WitnessPolicy
  readonly caFile: string | null
  /** Entries of one step, whose hashes are in memory meanwhile: some 25 MB of them. */
  readonly atMost?: number
}

/** Where a witness was left; asked anew by whoever begins. */
export type Seen = Map<KnownWitness, LedgerPlace>

const AT_MOST = 100_000
/** Of one time, for each witness. */
const STEPS = 10

/** Has the newest checkpoint cosigned by each witness, and keeps that beside it. Rejects where one did not. */
export async function cosignNewest(cosigning: Cosigning, seen: Seen): Promise<void> {
  const { folder, policy } = cosigning
  const newest = await newestCheckpoint(folder)
  if (newest === null) return
  const problems: string[] = []
  for (const witness of policy.witnesses.filter(({ url }) => url !== null)) {
    await bringOn({ ...cosigning, witness, newest }, seen).catch((error: Error) => problems.push(error.message))
  }
  if (problems.length > 0) throw new Error(problems.join('; '))
}

interface One extends Cosigning {
  readonly witness: KnownWitness
  readonly newest: OwnCheckpoint
}

/** What it does not sign, or not answer, costs one step; what it signs is kept, and where it goes on from. */
async function bringOn(one: One, seen: Seen): Promise<void> {
  const { folder, witness, newest, atMost = AT_MOST } = one
  for (let step = 0; step < STEPS; step++) {
    const from = seen.get(witness) ?? (await firstAsked(one))
    if (from === null) return
    if (from.tree.size > newest.size) throw new Error(`witness ${witness.name} ${putBack(from.tree.size, newest.size)}`)
    seen.set(witness, from)
    const near = newest.size - from.tree.size <= atMost
    const next = near ? newest : ((await nextCheckpoint(folder, from, atMost)) ?? newest)
    await goOn(one, next, from, seen)
    if (next.size >= newest.size) return
  }
  const behind = newest.size - (seen.get(witness)?.tree.size ?? 0)
  throw new Error(`witness ${witness.name} has ${behind} entries to catch up with`)
}

/** Whom nothing is known of says with its no what it has; null where it has nothing, and signs at once. */
async function firstAsked({ folder, witness, newest, caFile }: One): Promise<LedgerPlace | null> {
  const answer = await askWitness(witness, newest.note, { oldSize: 0, proof: [] }, caFile)
  if (answer.kind === 'other-size') return placeThere(folder, witness, answer.size, newest.size)
  await keep(folder, witness, newest, answer)
  return null
}

async function goOn(one: One, { day, note, size }: OwnCheckpoint, from: LedgerPlace, seen: Seen): Promise<void> {
  const { folder, witness, newest, caFile } = one
  const grown = await growFrom(folder, from, size)
  if (grown === null) throw new Error(`witness ${witness.name} ${putBack(from.tree.size, size)}`)
  const oldSize = from.tree.size
  const proof = consistencyProof(oldSize, size, grown.grown)
  const answer = await askWitness(witness, note, { oldSize, proof }, caFile)
  if (answer.kind === 'other-size') {
    // Whoever signed has it: one that knows less than that would have us go over the ledger again and again.
    if (answer.size <= oldSize)
      throw new Error(`witness ${witness.name} does not sign: it has forgotten what it signed`)
    // Somebody else had it sign.
    seen.set(witness, await placeThere(folder, witness, answer.size, newest.size))
    throw new Error(`witness ${witness.name} does not sign: it has ${answer.size} entries, and not ${oldSize}`)
  }
  if (answer.kind === 'refused') seen.delete(witness)
  await keep(folder, witness, { day, note, size }, answer)
  seen.set(witness, grown.place)
}

async function placeThere(folder: string, { name }: KnownWitness, size: number, here: number): Promise<LedgerPlace> {
  const place = size > here ? null : await placeOf(folder, size)
  if (place === null) throw new Error(`witness ${name} ${putBack(size, here)}`)
  return place
}

function putBack(there: number, here: number): string {
  return `saw ${there} entries, of which here are ${here}: the ledger was put back`
}

async function keep(
  folder: string,
  { name }: KnownWitness,
  { day, note }: OwnCheckpoint,
  answer: WitnessAnswer,
): Promise<void> {
  if (answer.kind !== 'cosigned') {
    throw new Error(`witness ${name} does not sign: ${answer.kind === 'refused' ? answer.why : 'it changes its mind'}`)
  }
  const text = note.slice(0, note.lastIndexOf('\n\n') + 2)
  await appendFile(dayFile(folder, day, 'cosignatures'), `${text}${answer.lines.join('\n')}\n\n`, { mode: FILE_MODE })
}
