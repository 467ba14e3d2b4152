import type { Checked, Report } from '../../../findings/report.ts'
import type { Patient } from '../../../proof/doctor/doctor.ts'
import type { Clock } from '../../../support/time/clock.ts'
import { within } from '../../../support/time/within.ts'

export interface Examined {
  /** Epoch milliseconds. */
  readonly at: number
  readonly checks: readonly Checked[]
  /** What the broker has no way to, by the names of its checks. */
  readonly notLookedAt: readonly string[]
}

/** Rejects when it takes too long. */
export type ConsoleDoctor = () => Promise<Examined>

const FRESH_MS = 30_000
const LONGEST_MS = 10_000

/** One examination at a time, kept for a while: it goes to the store, to issuers and to ClickHouse. */
export function consoleDoctor(patient: () => Patient, clock: Clock): ConsoleDoctor {
  let last: Examined | null = null
  let running: Promise<Examined> | null = null
  return () => {
    if (last !== null && clock() - last.at < FRESH_MS) return Promise.resolve(last)
    running ??= examineNow(patient(), clock)
      .then(examined => {
        last = examined
        return examined
      })
      .finally(() => {
        running = null
      })
    return within(LONGEST_MS, running)
  }
}

/** Loaded when somebody asks: a broker starts without it. */
async function examineNow(patient: Patient, clock: Clock): Promise<Examined> {
  const { examine } = await import('../../../proof/doctor/doctor.ts')
  const { checks }: Report = await examine(patient)
  const [looked, not] = [checks.filter(wasLookedAt), checks.filter(check => !wasLookedAt(check))]
  return { at: clock(), checks: looked, notLookedAt: not.map(({ name }) => name) }
}

function wasLookedAt({ tried, findings }: Checked): boolean {
  return tried.length + findings.length > 0
}
