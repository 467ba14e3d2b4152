import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FILE = join(import.meta.dirname, 'results.json')

/** How a reason begins that nobody has written. */
export const UNEXPLAINED = 'unexplained: '
/** With this a run of all tests writes what it saw; without it, it compares. */
export const WRITE_RESULTS = 'UPSTREAM_WRITE_RESULTS'

/** What was seen of a test of Kubernetes. */
export interface Result {
  readonly name: string
  /** Past the boundary; most of what fails there wants containers. */
  readonly direct: State
  /** Under the lease; not tried where it fails directly. */
  readonly through?: State
  /** Why it does not pass directly, in its own words, or why it does not pass through the boundary, in ours. */
  readonly why?: string
}

type State = 'passed' | 'failed' | 'skipped'

/** By special interest group, as Kubernetes names them. */
export type Results = Readonly<Record<string, readonly Result[]>>

export function readResults(): Results {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Results
}

export function writeResults(seen: readonly Result[]): void {
  const sorted = seen.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  writeFileSync(
    FILE,
    `${JSON.stringify(
      Object.groupBy(sorted, ({ name }) => groupOf(name)),
      null,
      2,
    )}\n`,
  )
}

function groupOf(name: string): string {
  return /^\[(sig-[a-z-]+)\]/.exec(name)?.[1] ?? ''
}
