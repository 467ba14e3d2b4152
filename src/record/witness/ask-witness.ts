import { readFile } from 'node:fs/promises'
import { httpCall, whyUnreachable } from '../../support/net/http-call.ts'
import { cosignedAt, plainLine, signatureLines } from './cosignature.ts'
import type { KnownWitness } from './witness-policy.ts'

export type WitnessAnswer =
  /** Its good signature lines. */
  | { readonly kind: 'cosigned'; readonly lines: readonly string[] }
  /** The last checkpoint that it cosigned is of so many entries. */
  | { readonly kind: 'other-size'; readonly size: number }
  | { readonly kind: 'refused'; readonly why: string }

const WITHIN_MS = 10_000
const MAX_BYTES = 16 << 10

/** `add-checkpoint` (c2sp.org/tlog-witness). Rejects when nobody answers. */
export async function askWitness(
  witness: KnownWitness,
  note: string,
  { oldSize, proof }: { readonly oldSize: number; readonly proof: readonly Buffer[] },
  caFile: string | null,
): Promise<WitnessAnswer> {
  const hashes = proof.map(hash => `${hash.toString('base64')}\n`).join('')
  const answer = await httpCall({
    method: 'POST',
    url: `${witness.url?.replace(/\/$/, '')}/add-checkpoint`,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: `old ${oldSize}\n${hashes}\n${note}`,
    ca: caFile === null ? null : await readFile(caFile, 'utf8'),
    withinMs: WITHIN_MS,
    maxBytes: MAX_BYTES,
  }).catch(error => {
    throw new Error(`witness ${witness.name}: ${whyUnreachable(error)}`, { cause: error })
  })
  const size = /^(0|[1-9]\d{0,15})\n$/.exec(answer.text)?.[1]
  if (answer.status === 409 && size !== undefined) return { kind: 'other-size', size: Number(size) }
  if (answer.status !== 200) return { kind: 'refused', why: `it said ${answer.status}` }
  const text = note.slice(0, note.lastIndexOf('\n\n') + 1)
  // Of several versions of its key the ones that are known count.
  const given = signatureLines(`\n\n${answer.text}`).filter(line => cosignedAt(text, [line], witness) !== null)
  const lines = [...new Set(given.map(line => plainLine(line, witness)))]
  return lines.length > 0 ? { kind: 'cosigned', lines } : { kind: 'refused', why: 'it signed with another key' }
}
