import type { Looked } from '../look/cluster-view.ts'
import { meantBy } from './changes.ts'

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g
/** Clocks of other machines, and how long a dry run takes. */
const ABOUT_MS = 600_000

interface Tries {
  /** The same dry run twice. */
  readonly runs: readonly (Looked | null)[]
  /** What was there, and what was sent: a time that one of them says was not made by the try. */
  readonly known: readonly string[]
  readonly now: number
}

/**
 * What an API server says would become of a request, webhooks and defaults included, in words that are the same for as long as that is. What
 * two tries do not agree on is drawn by lot (names, addresses, ids), and a time of about now is when it was tried.
 */
export function outcomeOf({ runs, known, now }: Tries): string {
  const meant = runs.map(run => (run?.kind === 'found' ? meantBy(run.value) : new Set<string>()))
  const agreed = [...(meant[0] ?? [])].filter(leaf => meant.every(each => each.has(leaf)))
  const withoutNow = (leaf: string) =>
    leaf.replace(TIME, time => (isAbout(time, now) && !known.some(text => text.includes(time)) ? 'now' : time))
  return JSON.stringify([runs.map(run => run?.kind), agreed.map(withoutNow).toSorted()])
}

function isAbout(time: string, now: number): boolean {
  return Math.abs(Date.parse(time) - now) < ABOUT_MS
}
