import type { Checked, Finding } from '../../findings/report.ts'

export interface Examination {
  readonly tried: readonly string[]
  readonly seen: readonly string[]
  readonly findings: readonly Finding[]
}

/** One examination. That something could not be reached is a finding of its own: nothing is known then. */
export async function examined(name: string, title: string, examine: () => Promise<Examination>): Promise<Checked> {
  try {
    return { name, title, ...(await examine()) }
  } catch (error) {
    const why = error instanceof Error ? error.message : 'failed'
    const finding: Finding = {
      severity: 'unknown',
      what: `this could not be looked at: ${why}`,
      why: 'Nothing is known about it.',
      mend: 'See that it runs and that the settings lead to it, then run it again.',
    }
    return { name, title, tried: [], seen: [], findings: [finding] }
  }
}

/** What the doctor was not told of. It is said, and is no finding. */
export function notExamined(name: string, title: string, wants: string): Checked {
  return { name, title, tried: [], seen: [`not examined: ${wants}`], findings: [] }
}
