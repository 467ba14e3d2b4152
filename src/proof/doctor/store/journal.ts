import type { Finding } from '../../../findings/report.ts'
import type { StreamLag } from '../../../record/journal/journal.ts'
import type { Examination } from '../examined.ts'

/** Entries and bytes of one stream. */
export interface Marks {
  readonly high: number
  readonly hard: number
  readonly highBytes: number
  readonly hardBytes: number
}

const LATE_MS = 60_000
const MANY = 0.5

/** How far the record is behind the journal, and how near the journal is to where it stops everything. */
export function judgeJournal(lags: readonly StreamLag[], marks: Marks, now: number): Examination {
  return {
    tried: [`${lags.length} streams of the journal, against the marks ${marks.high} and ${marks.hard}`],
    seen: lags.map(({ stream, length, oldestAt }) => `${stream}: ${length} not on record yet${age(oldestAt, now)}`),
    findings: lags.flatMap(lag => [...length(lag, marks), ...late(lag, now), ...dead(lag)]),
  }
}

function age(oldestAt: number | null, now: number): string {
  return oldestAt === null ? '' : `, the oldest for ${Math.round((now - oldestAt) / 1000)} s`
}

function length({ stream, length, bytes }: StreamLag, marks: Marks): readonly Finding[] {
  // Whichever is nearer: a few long entries fill the memory as surely as many short ones.
  const inBytes = bytes / marks.highBytes > length / marks.high
  const [held, high, hard] = inBytes ? [bytes, marks.highBytes, marks.hardBytes] : [length, marks.high, marks.hard]
  if (held < high * MANY) return []
  const share = `${held} ${inBytes ? 'bytes' : 'entries'} of stream ${stream} are not on record yet`
  const mend = 'See that the tap runs and that ClickHouse takes what it writes; read the log of the tap.'
  if (held >= hard)
    return [{ severity: 'critical', what: `${share}: the hard limit is ${hard}`, why: 'Everything is denied.', mend }]
  if (held >= high) {
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
