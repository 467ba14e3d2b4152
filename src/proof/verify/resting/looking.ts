import type { Checked, Finding } from '../../../findings/report.ts'
import { ClusterError } from '../../../kubernetes/cluster-error.ts'

/** What one look at the cluster brought. */
export interface Look {
  readonly tried: readonly string[]
  readonly seen: readonly string[]
  readonly findings: readonly Finding[]
}

/** A check that reads the cluster. What could not be read is a finding, not an empty result. */
export async function looking(name: string, title: string, look: () => Promise<Look>): Promise<Checked> {
  try {
    return { name, title, ...(await look()) }
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error
    const finding: Finding = {
      severity: 'unknown',
      what: `this could not be looked at: ${error.message}`,
      why: 'Nothing is known about it.',
      mend:
        error.code === 'forbidden'
          ? 'Give --kubeconfig an account that may read this (the built-in role "view" is not enough).'
          : 'See that the API server answers, then run it again.',
    }
    return { name, title, tried: [], seen: [], findings: [finding] }
  }
}
