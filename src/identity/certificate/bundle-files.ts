import { readFile } from 'node:fs/promises'
import type { CertificateAuthority } from '../../policy/policy.ts'
import type { Certificate } from './certificate.ts'
import { parseTrustBundle } from './trust-bundle.ts'

/** Null: there are none, and were none before. */
export type RootsOf = (authority: CertificateAuthority) => Promise<readonly Certificate[] | null>

interface Held {
  readonly text: string
  readonly roots: readonly Certificate[]
}

/**
 * The roots of each authority, by its file as it is now: a bundle that rotates counts with the next connection. While it cannot be read, as
 * in the middle of being written, those before count, and somebody is told once. One that was emptied can be read: nobody
 * is believed by it.
 */
export function bundleFiles(onProblem: (authority: string, problem: string) => void): RootsOf {
  const held = new Map<string, Held>()
  const told = new Map<string, string>()
  const tell = ({ name, file }: CertificateAuthority, problem: string) => {
    if (told.get(file) !== problem) onProblem(name, `${file}: ${problem}`)
    told.set(file, problem)
  }
  return async authority => {
    const { file } = authority
    const before = held.get(file)
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => error)
    if (typeof text !== 'string') {
      tell(authority, `it cannot be read (${text.code ?? 'unknown error'})`)
      return before?.roots ?? null
    }
    if (before?.text === text) {
      if (before.roots.length > 0) told.delete(file)
      return before.roots
    }
    const parsed = parseTrustBundle(text)
    if (parsed.kind === 'problem') {
      tell(authority, parsed.message)
      return before?.roots ?? null
    }
    if (parsed.value.length === 0) tell(authority, 'it holds no certificate, so that none is believed')
    else told.delete(file)
    held.set(file, { text, roots: parsed.value })
    return parsed.value
  }
}
