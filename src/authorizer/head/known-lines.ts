import QuickLRU from 'quick-lru'
import { isHarmless } from '../../request/headers.ts'
import type { HeaderLine } from '../../request/http-request.ts'
import { type Lines, readLines } from '../../request/lines.ts'
import { CameBefore } from './came-before.ts'

/** The lines of a head that came before, but for those that are another each time. */
export interface KnownLines {
  /** Of these alone. */
  readonly id: number
  /** Of all but those that are left out. */
  readonly lines: Lines
}

/** Clients say the same again and again; each of them says little that is different from command to command. */
const MOST = 1000
const LONGEST_KEY = 1536
/** kubectl sends a dozen. */
const MOST_LINES = 32

/** Twice as many at most, for it has two generations: what is kept of one is 6 KiB at most. */
const known = new QuickLRU<string, KnownLines>({ maxSize: MOST })
let ids = 0
const asked = new CameBefore()

/** Another one with each request, or with each command, and nothing that a request is read by. */
const LEFT_OUT: ReadonlySet<string> = new Set(['authorization', 'x-request-id', 'kubectl-session'])

/** Null where they did not come before, where one of those that are left out is not as it should be, or there is too much of them: such lines are read each time. */
export function knownLines(headers: readonly HeaderLine[]): KnownLines | null {
  const key = keyOf(headers)
  if (key === null) return null
  const before = known.get(key)
  if (before !== undefined) return before
  if (!asked.has(key)) return null
  const lines = readLines(headers.filter(([name]) => !LEFT_OUT.has(name)))
  const made = { id: ++ids, lines }
  known.set(key, made)
  return made
}

/** All of the lines but the values that are left out, each part behind its length. */
function keyOf(headers: readonly HeaderLine[]): string | null {
  if (headers.length > MOST_LINES) return null
  let key = ''
  for (const [at, [name, value]] of headers.entries()) {
    // Told apart by lower case where it matters: nothing else comes from Envoy.
    if (name !== name.toLowerCase()) return null
    if (!LEFT_OUT.has(name)) key += `${name.length} ${name}${value.length} ${value}`
    else if (isHarmless(name, value) && !isThereBefore(headers, name, at)) key += `${name.length} ${name}`
    else return null
    if (key.length > LONGEST_KEY) return null
  }
  return key
}

function isThereBefore(headers: readonly HeaderLine[], name: string, at: number): boolean {
  for (let before = 0; before < at; before += 1) if (headers[before]?.[0] === name) return true
  return false
}
