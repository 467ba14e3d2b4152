import { hash } from 'node:crypto'
import QuickLRU from 'quick-lru'
import { type Certificate, readCertificate } from './certificate.ts'

/** Each of at most 24 KB of text, as the broker takes a chain. */
const MOST_KEPT = 256

/** Null: it cannot be read. */
export type ReadOne = (block: string) => Certificate | null

/** Reads one block of PEM. That takes 2 ms, and a client shows the same ones with each request: what was read lately is kept, readable or not. */
export function certificateReader(): ReadOne {
  const kept = new QuickLRU<string, { readonly read: Certificate | null }>({ maxSize: MOST_KEPT })
  return block => {
    const key = hash('sha256', block, 'base64url')
    const known = kept.get(key) ?? { read: read(block) }
    kept.set(key, known)
    return known.read
  }
}

function read(block: string): Certificate | null {
  try {
    return readCertificate(block)
  } catch {
    return null
  }
}
