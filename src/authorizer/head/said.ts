import QuickLRU from 'quick-lru'
import type { Lease } from '../../lease/lease.ts'
import type { Verdict } from '../../policy/judge/verdict.ts'
import type { Policy } from '../../policy/policy.ts'
import { CameBefore } from './came-before.ts'
import type { KnownHead } from './known-heads.ts'

/** A verdict, and all that it came of beside the request: a lease and a policy are never changed, but others take their places. */
export interface Said {
  readonly lease: Lease
  readonly policy: Policy
  readonly source: string
  readonly verdict: Verdict
  /** It may be another one for another object of the same kind. */
  readonly isOfOne: boolean
  /** Its entry in the journal, as far as it is the same each time; not there before it is asked for, null where there is none. */
  entry?: SameEntry | null
}

/** Members of a JSON object, without its braces. */
export interface SameEntry {
  /** Of one object all of it. Else there is one piece before the path, one between that and the name of the object, and one behind. */
  readonly pieces: readonly [all: string] | readonly [string, string, string]
  /** Characters that were masked in them. */
  readonly masked: number
}

const MOST = 2000

/** Twice as many at most, for it has two generations: what is kept of one is 8 KiB at most. */
const known = new QuickLRU<string, Said>({ maxSize: MOST })
const asked = new CameBefore()
/** By which all of them were judged: one that was replaced is not held here. */
let judgedBy: Policy | null = null

/** What names of Kubernetes look like: no blank is in any of it, and nothing that JSON writes otherwise, or that could be a credential. */
const PLAIN = /^[a-z0-9./:-]*$/

export function isPlainText(text: string): boolean {
  return PLAIN.test(text)
}

/**
 * Whatever a verdict may come of, but for where the request came from, which lease it is under now, and which object of its kind it is about. Null
 * where that cannot be told apart.
 */
export function kindOf({ lines, request }: KnownHead, { id }: Lease): string | null {
  const { info, inNamespace, method, path, query } = request
  if (!info.isResourceRequest || !PLAIN.test(path)) return null
  const { verb, apiPrefix, apiGroup, apiVersion, namespace, resource, subresource } = info
  const target = `${apiPrefix} ${apiGroup} ${apiVersion} ${namespace} ${resource} ${subresource}`
  // Not of the query alone: in the path of a watch they count for nothing.
  const { labelSelector, fieldSelector } = info
  const selectors = `${labelSelector.length} ${labelSelector} ${fieldSelector.length} ${fieldSelector}`
  return `${lines.id} ${id} ${method} ${verb} ${inNamespace ? 'in' : 'of'} ${target} ${selectors} ${query}`
}

/** The same of this object alone. */
export function oneOf({ lines, request }: KnownHead, { id }: Lease): string {
  const { method, path, query } = request
  return `${lines.id} ${id} ${method} ${path}?${query}`
}

export function saidBefore(key: string, lease: Lease, policy: Policy, source: string): Said | null {
  if (policy !== judgedBy) {
    known.clear()
    judgedBy = policy
  }
  const said = known.get(key)
  return said !== undefined && said.lease === lease && said.policy === policy && said.source === source ? said : null
}

/** For the next who asks; but what is asked once is not kept, and has an entry of its own. */
export function keepSaid(key: string, said: Said): void {
  if (asked.has(key)) known.set(key, said)
  else said.entry ??= null
}
