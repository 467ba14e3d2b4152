import type { StreamLag } from '../../../record/journal/journal.ts'
import type { Finding } from '../../report.ts'
import type { Examination } from '../examined.ts'

export interface Marks {
  readonly high: number
  readonly hard: number
}

const LATE_MS = 60_000
const MANY = 0.5

/** How far the record is behind the journal, and how near the journal is to where it stops everything. */
export function judgeJournal(lags: readonly StreamLag[], { high, hard }: Marks, now: number): Examination {
  return {
    tried: [`${lags.length} streams of the journal, against the marks ${high} and ${hard}`],
    seen: lags.map(({ stream, length, oldestAt }) => `${stream}: ${length} not on record yet${age(oldestAt, now)}`),
    findings: lags.flatMap(lag => [...length(lag, high, hard), ...late(lag, now), ...dead(lag)]),
  }
}

function age(oldestAt: number | null, now: number): string {
  return oldestAt === null ? '' : `, the oldest for ${Math.round((now - oldestAt) / 1000)} s`
}

function length({ stream, length }: StreamLag, high: number, hard: number): readonly Finding[] {
  if (length < high * MANY) return []
  const share = `${length} entries of stream ${stream} are not on record yet`
  const mend = 'See that the tap runs and that ClickHouse takes what it writes; read the log of the tap.'
  if (length >= hard)
    return [{ severity: 'critical', what: `${share}: the hard limit is ${hard}`, why: 'Everything is denied.', mend }]
  if (length >= high) {
    return [{ severity: 'error', what: `${share}: the high mark is ${high}`, why: 'Writes and exec are denied.', mend }]
  }
  return [
    { severity: 'warning', what: `${share}: the high mark is ${high}`, why: 'Beyond it writes are denied.', mend },
  ]
}

function late({ stream, oldestAt }: StreamLag, now: number): readonly Finding[] {
  if (oldestAt === null || now - oldestAt < LATE_MS) return []
  return [
    {
      severity: 'error',
      what: `the record is ${Math.round((now - oldestAt) / 1000)} s behind (stream ${stream})`,
      why: 'Whoever watches an agent sees the past.',
      mend: 'See that the tap runs and that ClickHouse takes what it writes; read the log of the tap.',
    },
  ]
}

function dead({ stream, deadLetters }: StreamLag): readonly Finding[] {
  if (deadLetters === 0) return []
  return [
    {
      severity: 'error',
      what: `${deadLetters} entries of stream ${stream} could not be recorded and were set aside`,
      why: 'They are missing in the record.',
      mend: 'leasegate record dead-letters list   # then replay or drop each',
    },
  ]
}
