import type { Lease, LeaseState } from '../../lease/lease.ts'
import type { Stopped } from '../../lease/stop/stop.ts'
import { describeSubject } from '../../lease/stop/subject.ts'
import { printable } from '../../support/text/printable.ts'
import { StatusError } from '../http/refusal/status.ts'

const WORDS = { stopped: 'stopped', frozen: 'frozen', ended: 'ended a moment ago' } as const

/** For whoever asks for a lease that comes under what was stopped. */
export function stoppedError({ subject, kind, by, reason }: Stopped): StatusError {
  const what = subject.kind === 'all' ? 'all leases were' : `leases of ${printable(describeSubject(subject))} were`
  const said = `${what} ${WORDS[kind]} by ${printable(by)}: ${printable(reason)}`
  if (kind === 'ended') return new StatusError(503, `${said}; ask again`, 2)
  return new StatusError(403, `${said}; no new one is given. Stop, and tell the person you work for`)
}

export function frozenError({ id }: Lease, { by, reason }: Extract<LeaseState, { readonly kind: 'frozen' }>) {
  const why = `${printable(by)}: ${printable(reason)}`
  return new StatusError(403, `lease ${id} is frozen by ${why}; nothing runs under it until an admin thaws it`)
}
