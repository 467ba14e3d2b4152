import { hash } from 'node:crypto'

/** A checkpoint in the second place. Its name says what is in it, so that a list of names is enough to compare by. */
export interface Copy {
  readonly ledger: string
  /** Of the file that it stands in. */
  readonly day: string
  /** Entries that it is of. */
  readonly size: number
  /** SHA-256 of the note, base64url. */
  readonly hash: string
  /** Of several under one name; what is locked stays when somebody writes over it. */
  readonly version: string | null
}

/** Where checkpoints are put, out of the reach of whoever can change ledgers and record. */
export interface CopyTaker {
  /** Rejects when it is not kept there. */
  put(name: string, note: string): Promise<void>
}

/** What is there. */
export interface CopyReader {
  list(): AsyncIterable<Copy>
  /** Rejects when it cannot be read. */
  read(copy: Copy): Promise<string>
}

const NAME = /^(?<ledger>[\w.-]+)\/(?<day>\d{4}-\d{2}-\d{2})\/(?<size>\d{16})-(?<hash>[\w-]{43})$/

/** `LEDGER/DAY/SIZE-HASH`; null for what is no checkpoint. */
export function toCopyName(ledger: string, day: string, note: string): string | null {
  const size = note.split('\n', 2)[1] ?? ''
  return /^(0|[1-9]\d{0,15})$/.test(size) ? nameOf({ ledger, day, size: Number(size), hash: hashOf(note) }) : null
}

export function nameOf({ ledger, day, size, hash }: Pick<Copy, 'ledger' | 'day' | 'size' | 'hash'>): string {
  return `${ledger}/${day}/${String(size).padStart(16, '0')}-${hash}`
}

/** Null for what we did not name. */
export function parseCopyName(name: string, version: string | null): Copy | null {
  const { ledger = '', day = '', size = '', hash = '' } = NAME.exec(name)?.groups ?? {}
  return ledger === '' ? null : { ledger, day, size: Number(size), hash, version }
}

function hashOf(note: string): string {
  return hash('sha256', note, 'base64url')
}
