import type { Stop, StopAct } from '../../lease/stop/stop.ts'
import { describeSubject, type Subject } from '../../lease/stop/subject.ts'
import { loadPolicy } from '../../policy/load/load-policy.ts'
import type { Policy } from '../../policy/policy.ts'
import { otherSubjects, unknownSubject } from '../../policy/stop-subject.ts'
import { toStopping } from '../../record/journal/events.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { inStore, plainReason } from './in-store.ts'

interface Acting {
  readonly act: StopAct
  readonly subject: Subject
  readonly reason: string
  readonly gone: boolean
}

/** What the broker would do, without it: also without a policy file, and then nobody says whether there is such a name. */
export async function actDirectly(terminal: Terminal, { act, subject, reason: said, gone }: Acting): Promise<Stop> {
  const reason = plainReason(said)
  const policy = await policyAtHand(terminal)
  const unknown = policy === null || gone || act === 'start' || act === 'thaw' ? null : unknownSubject(subject, policy)
  if (unknown !== null) throw new CliError('refused', `${unknown} (of one that it had before: --gone)`)
  const { RedisStopStore } = await import('../../lease/stop/redis-stop-store.ts')
  return inStore(terminal, async ({ link, partitions, by }) => {
    const others = policy === null ? [] : otherSubjects(subject, policy)
    const stopping = toStopping({ subject, act, by, reason }, others, Date.now())
    const stands = await new RedisStopStore(link, { partitions }).act(stopping)
    if (stands !== null) return stands
    throw new CliError('refused', `${describeSubject(subject)}: not ${act === 'start' ? 'stopped' : 'frozen'}`)
  })
}

/** Null where there is none that can be read: taking away does not wait for one. */
async function policyAtHand({ env }: Terminal): Promise<Policy | null> {
  const file = env['LEASEGATE_POLICY_FILE'] ?? ''
  return file === '' ? null : loadPolicy(file).catch(() => null)
}
