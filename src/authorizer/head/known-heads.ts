import QuickLRU from 'quick-lru'
import type { ApiRequest } from '../../request/api-request.ts'
import type { HttpRequest } from '../../request/http-request.ts'
import { readRequest } from '../../request/read-request.ts'
import { CameBefore } from './came-before.ts'
import { type KnownLines, knownLines } from './known-lines.ts'

/** A read without a body, whose lines came before. */
export interface KnownHead {
  readonly lines: KnownLines
  readonly request: ApiRequest
}

/** Clients say the same again and again: kubectl's discovery, controllers that look, agents that wait. */
const MOST = 1000
const LONGEST_TARGET = 512

/** Twice as many at most, for it has two generations: what is kept of one is 4 KiB at most. */
const known = new QuickLRU<string, ApiRequest>({ maxSize: MOST })
const asked = new CameBefore()

/** As `readRequest` reads it, and of a target that came before as that was read. Null for all else, which is to be read each time, as is what is refused. */
export function knownHead(http: HttpRequest): KnownHead | null {
  const lines = isPlain(http) ? knownLines(http.headers) : null
  if (lines === null) return null
  const { method, target } = http
  const key = `${lines.id} ${method} ${target}`
  const before = known.get(key)
  if (before !== undefined) return { lines, request: before }
  const read = readRequest(http, lines.lines)
  if (read.kind !== 'read') return null
  if (asked.has(key)) known.set(key, read.request)
  return { lines, request: read.request }
}

function isPlain({ method, target, body, route, announcedBytes }: HttpRequest): boolean {
  if (route !== 'read' || (method !== 'GET' && method !== 'HEAD')) return false
  return body.length === 0 && announcedBytes === undefined && target.length <= LONGEST_TARGET
}
