import QuickLRU from 'quick-lru'
import type { Lease } from '../../lease/lease.ts'
import type { Verdict } from '../../policy/judge/verdict.ts'
import type { Policy } from '../../policy/policy.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import { isHarmless } from '../../request/headers.ts'
import type { HeaderLine, HttpRequest } from '../../request/http-request.ts'
import { readRequest } from '../../request/read-request.ts'

/** A read as it came before, to the letter, but for who asks, under which id and in which session. */
export interface KnownHead {
  /** Is the same for each of them, and holds none of what is left out. */
  readonly request: ApiRequest
  /** What was said to it last. */
  said: Said | null
}

/** A verdict, and all that it came of beside the request: a lease and a policy are never changed, but others take their places. */
export interface Said {
  readonly lease: Lease
  readonly policy: Policy
  readonly source: string
  readonly verdict: Verdict
  /** Its entry in the journal, as far as it is the same each time; not there before it is asked for, null where it is too long. */
  entry?: SameEntry | null
}

/** Members of a JSON object, without its braces. */
export interface SameEntry {
  readonly members: string
  /** Characters that were masked in them. */
  readonly masked: number
}

/** Clients say the same again and again: kubectl's discovery, controllers that look, agents that wait. */
const MOST = 2000
const LONGEST_TARGET = 512
const LONGEST_KEY = 1536
/** kubectl sends a dozen. */
const MOST_LINES = 32

/** Twice as many at most, for it has two generations: what is kept of one is 10 KiB at most. */
const known = new QuickLRU<string, KnownHead>({ maxSize: MOST / 2 })
/** By which all of them were judged: one that was replaced is not held here. */
let judgedBy: Policy | null = null

/** By what its target comes to, the target that was asked for last. What is asked for once is not kept: it would only have to be thrown away. */
const askedLast = new Uint32Array(16_384)

/** Another one with each request, or with each command, and nothing that a request is read by. */
const LEFT_OUT: ReadonlySet<string> = new Set(['authorization', 'x-request-id', 'kubectl-session'])

/**
 * The head of a read without a body, where it can be read: as `readRequest` reads it, and of one that came before as that was read. Null for all
 * else, which is to be read each time, as is what is refused.
 */
export function knownHead(http: HttpRequest, policy: Policy): KnownHead | null {
  if (policy !== judgedBy) {
    known.clear()
    judgedBy = policy
  }
  if (!isPlain(http) || !cameBefore(http.target)) return null
  const key = keyOf(http)
  if (key === null) return null
  const before = known.get(key)
  if (before !== undefined) return before
  const read = readRequest({ ...http, headers: http.headers.filter(([name]) => !LEFT_OUT.has(name)) })
  if (read.kind !== 'read') return null
  const head = { request: read.request, said: null }
  known.set(key, head)
  return head
}

function isPlain({ method, target, headers, body, route, announcedBytes }: HttpRequest): boolean {
  if (route !== 'read' || (method !== 'GET' && method !== 'HEAD')) return false
  if (body.length > 0 || announcedBytes !== undefined) return false
  return target.length <= LONGEST_TARGET && headers.length <= MOST_LINES
}

/** Whether this was asked for a while ago, for all that is known; from now on it was. */
function cameBefore(target: string): boolean {
  let sum = 0x811c9dc5
  for (let at = 0; at < target.length; at += 1) sum = Math.imul(sum ^ target.charCodeAt(at), 0x01000193)
  const place = (sum >>> 0) % askedLast.length
  const before = askedLast[place]
  askedLast[place] = sum
  return before === sum >>> 0
}

/** All of the head but the values that are left out, each part behind its length; null where one of those is not as it should be. */
function keyOf({ method, target, headers }: HttpRequest): string | null {
  let key = `${method} ${target.length} ${target}`
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
