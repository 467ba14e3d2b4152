/** What a proof (`leasegate verify`) or an examination (`leasegate doctor`) tried, saw and found. */
export interface Report {
  readonly title: string
  readonly checks: readonly Checked[]
}

export interface Checked {
  /** Stable and kebab-case: machines filter by it. */
  readonly name: string
  /** What holds when there is no finding, as a sentence without its full stop. */
  readonly title: string
  readonly tried: readonly string[]
  readonly seen: readonly string[]
  readonly findings: readonly Finding[]
}

/**
 * `critical`: the boundary can be passed, or the record be lost. `error`: something does not work.
 * `warning`: it works today. `unknown`: it could not be looked at, so nothing is known.
 */
export type Severity = 'critical' | 'error' | 'warning' | 'unknown'

export interface Finding {
  readonly severity: Severity
  /** What is the case, with names: `ClusterRoleBinding ops-admin gives leasegate:agents the role admin`. */
  readonly what: string
  /** What that lets happen. */
  readonly why: string
  /** What ends it: a command where one does, else a sentence. */
  readonly mend: string
}

export function findingsOf(report: Report): readonly Finding[] {
  return report.checks.flatMap(check => check.findings)
}
