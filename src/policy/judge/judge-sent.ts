import { unmetByRequest } from '../conditions/conditions.ts'
import { type Case, judge } from './judge.ts'
import type { Verdict } from './verdict.ts'

interface SentCase extends Case {
  /** Address that it came from, '' where it is not known. */
  readonly source: string
}

/** What the policy says to one request under one lease, as it was sent: the conditions under which it may come at all, then what it asks. */
export function judgeSent({ source, ...asking }: SentCase): Verdict {
  const { lease, above = [], policy } = asking
  return unmetByRequest({ lease, above }, source, policy) ?? judge(asking)
}
