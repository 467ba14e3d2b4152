import type { Stop, StopAct } from '../../lease/stop/stop.ts'
import { describeSubject, type Subject } from '../../lease/stop/subject.ts'
import { stopEvent } from '../../record/journal/events.ts'
import { CliError } from '../cli-error.ts'
import type { Terminal } from '../terminal.ts'
import { inStore, plainReason } from './in-store.ts'

interface Acting {
  readonly act: StopAct
  readonly subject: Subject
  readonly reason: string
}

/** What the broker would do, without it and without the policy file: nobody says whether there is such a name. */
export async function actDirectly(terminal: Terminal, { act, subject, reason: said }: Acting): Promise<Stop> {
  const reason = plainReason(said)
  const { RedisStopStore } = await import('../../lease/stop/redis-stop-store.ts')
  return inStore(terminal, async ({ link, partitions, by }) => {
    const stopping = { act, subject, by, reason }
    const event = JSON.stringify(stopEvent(stopping, Date.now()))
    const stands = await new RedisStopStore(link, { partitions }).act({ ...stopping, event })
    if (stands !== null) return stands
    throw new CliError('refused', `${describeSubject(subject)}: not ${act === 'start' ? 'stopped' : 'frozen'}`)
  })
}
