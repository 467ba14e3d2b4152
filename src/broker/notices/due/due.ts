import { type Notify, ON_CALL } from '../../../policy/notify.ts'
import type { Stage } from '../notifier.ts'
import { afterQuiet, isQuiet } from './quiet-hours.ts'

/** Who is on call at the moment, as far as is known. `silent`: nobody says, or nobody whom we know. */
export type OnCall =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'asking' }
  | { readonly kind: 'silent' }

/** What of a question decides who is told. */
export interface Waiting {
  readonly askedAt: number
  /** Who said yes so far, where that is not enough. */
  readonly yeses: readonly string[]
}

/** One message that a receiver should have by now. */
export interface Due {
  readonly receiver: string
  readonly stage: Extract<Stage, 'asked' | 'escalated' | 'yes'>
  /** Tells it from others to the same receiver about the same question. */
  readonly message: string
}

/** Everything that receivers should have been told of an open question by `now`, in this order. */
export function dueOf(question: Waiting, notify: Notify, onCall: () => OnCall, now: number): readonly Due[] {
  const { quietHours: quiet, tell, escalate } = notify
  if (quiet !== null && isQuiet(quiet, now)) {
    return quiet.tell === 'nobody' ? [] : told(question, [ON_CALL], [], { notify, onCall })
  }
  const since = now - (quiet === null ? question.askedAt : afterQuiet(quiet, question.askedAt))
  const steps = escalate.map((step, index) => ({ ...step, index })).filter(({ afterMs }) => afterMs <= since)
  return told(question, tell, steps, { notify, onCall })
}

interface Directory {
  readonly notify: Notify
  readonly onCall: () => OnCall
}

function told(
  { yeses }: Waiting,
  first: readonly string[],
  steps: readonly { readonly tell: readonly string[]; readonly index: number }[],
  directory: Directory,
): readonly Due[] {
  const asked = receiversOf(first, directory).map(receiver => ({ receiver, stage: 'asked', message: '' }) as const)
  const escalated = steps.flatMap(({ tell, index }) =>
    receiversOf(tell, directory).map(
      receiver => ({ receiver, stage: 'escalated', message: `escalated-${index + 1}` }) as const,
    ),
  )
  const all = [...asked, ...escalated]
  if (yeses.length === 0) return all
  const others = new Set(all.map(({ receiver }) => receiver).filter(name => reachesOthers(name, yeses, directory)))
  return [...all, ...[...others].map(receiver => ({ receiver, stage: 'yes', message: `yes-${yeses.length}` }) as const)]
}

/** Whoever said yes need not be told that another one is wanted. */
function reachesOthers(name: string, yeses: readonly string[], { notify }: Directory): boolean {
  const { people = [] } = notify.receivers.find(one => one.name === name) ?? {}
  return people.length === 0 || people.some(person => !yeses.includes(person))
}

/** Each once. Who is on call and cannot be found out is everybody: a question that nobody hears of is worse than one that all do. */
export function receiversOf(names: readonly string[], { notify, onCall }: Directory): readonly string[] {
  const found = names.flatMap(name => {
    if (name !== ON_CALL) return reaching(name, notify)
    const now = onCall()
    if (now.kind === 'asking') return []
    const reached = now.kind === 'names' ? now.names.flatMap(one => reaching(one, notify)) : []
    return reached.length > 0 ? reached : notify.receivers.map(one => one.name)
  })
  return [...new Set(found)]
}

function reaching(name: string, { receivers }: Notify): readonly string[] {
  return receivers.filter(one => one.name === name || one.people.includes(name)).map(one => one.name)
}
