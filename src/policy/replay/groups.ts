import type { Recorded, Saying } from './recorded.ts'
import type { Lacking, Replayed } from './replay.ts'

/** Requests that a policy says the same of, and that are alike for whoever reads it. */
export interface Group {
  readonly template: string
  readonly verb: string
  /** `deployments.apps/scale`; a path where it is no resource. */
  readonly resource: string
  /** '' for none, and for all of them. */
  readonly namespace: string
  readonly was: Saying
  /** Reason of a denial or risk, '' where there was none. */
  readonly why: string
  /** More than one where it cannot be told which. */
  readonly now: readonly Saying[]
  /** As `why`, of now; '' where it cannot be told. */
  readonly whyNow: string
  /** Null where it is told. */
  readonly lacking: Lacking | null
  readonly requests: number
  /** Audit ids. */
  readonly examples: readonly string[]
}

export interface Summary {
  readonly same: number
  readonly other: number
  readonly untold: number
  /** Decided by something else than a policy: the end of a lease, a budget. */
  readonly notJudged: number
  /** What is decided otherwise, and then what cannot be told; the largest first. */
  readonly groups: readonly Group[]
}

const MOST_EXAMPLES = 3

export function summarize(replayed: readonly { readonly row: Recorded; readonly of: Replayed }[]): Summary {
  const counts = { same: 0, other: 0, untold: 0, notJudged: 0 }
  const groups = new Map<string, Group>()
  for (const { row, of } of replayed) {
    const kind = kindOf(of)
    counts[kind] += row.requests
    const group = kind === 'other' || kind === 'untold' ? toGroup(row, of) : null
    if (group !== null) add(groups, group)
  }
  return { ...counts, groups: [...groups.values()].toSorted(inOrder) }
}

function kindOf(of: Replayed): 'same' | 'other' | 'untold' | 'notJudged' {
  if (of.kind === 'not-judged') return 'notJudged'
  if (of.kind === 'untold') return 'untold'
  return of.was === of.now ? 'same' : 'other'
}

function toGroup(row: Recorded, of: Replayed): Group | null {
  if (of.kind === 'not-judged') return null
  const { template, verb, namespace, requests, examples } = row
  const told = of.kind === 'told'
  return {
    template,
    verb,
    resource: resourceOf(row),
    namespace,
    was: of.was,
    why: of.was === 'deny' ? row.reason : row.risk,
    now: told ? [of.now] : of.between,
    whyNow: told ? of.why : '',
    lacking: told ? null : of.lacking,
    requests,
    examples,
  }
}

function resourceOf({ isResource, path, resource, apiGroup, subresource }: Recorded): string {
  if (!isResource) return path
  return `${resource}${apiGroup === '' ? '' : `.${apiGroup}`}${subresource === '' ? '' : `/${subresource}`}`
}

function add(groups: Map<string, Group>, group: Group): void {
  const { requests, examples, ...alike } = group
  const key = JSON.stringify(alike)
  const before = groups.get(key)
  groups.set(key, {
    ...alike,
    requests: requests + (before?.requests ?? 0),
    examples: [...(before?.examples ?? []), ...examples].slice(0, MOST_EXAMPLES),
  })
}

function inOrder(one: Group, other: Group): number {
  const isUntold = Number(one.lacking !== null) - Number(other.lacking !== null)
  return isUntold || other.requests - one.requests || (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)
}
