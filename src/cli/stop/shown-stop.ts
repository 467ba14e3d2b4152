import { z } from 'zod'
import type { StopAct } from '../../lease/stop/stop.ts'
import { describeSubject, SUBJECT_KINDS } from '../../lease/stop/subject.ts'
import { printable } from '../../support/text/printable.ts'

const ACT = z.object({ by: z.string(), reason: z.string(), at: z.number() }).nullable()

/** How a subject stands, as the broker shows it. */
export const SHOWN_STOP = z.object({
  subject: z.object({ kind: z.enum(SUBJECT_KINDS), name: z.string() }),
  ended: ACT,
  stopped: ACT,
  frozen: ACT,
})
export type ShownStop = z.infer<typeof SHOWN_STOP>
export const SHOWN_STOPS = z.object({ stops: z.array(SHOWN_STOP) })

const DONE = {
  end: 'ended; new ones may be asked for',
  stop: 'stopped; none is given until they are started',
  start: 'started: new ones may be asked for, those of before stay ended',
  freeze: 'frozen; they go on when they are thawed',
  thaw: 'thawed',
} as const satisfies Record<StopAct, string>

export function describeDone(act: StopAct, { subject }: ShownStop): string {
  return `${describeSubject(subject)}: ${DONE[act]}\n`
}

/** What binds now, a line each; what was ended is over. */
export function describeStop({ subject, stopped, frozen }: ShownStop): string {
  const states = [
    ['stopped', stopped],
    ['frozen', frozen],
  ] as const
  return states
    .filter(([, act]) => act !== null)
    .map(([state, act]) => {
      const since = new Date(act?.at ?? 0).toISOString()
      return `${describeSubject(subject)}: ${state} since ${since}, by ${printable(act?.by ?? '')}: ${printable(act?.reason ?? '')}\n`
    })
    .join('')
}
