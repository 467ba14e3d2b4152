import { formatDuration } from '../file/duration.ts'
import type { Asking } from './ways-in.ts'

/** What to type for such a lease, whole: it works as it stands, in any POSIX shell. */
export function requestCommand({
  template,
  namespaces,
  ttlMs,
  instead,
  wantsTicket = false,
  parameters = {},
}: Asking): string {
  const where = namespaces.map(one => ` --namespace ${one === '*' ? "'*'" : one}`).join('')
  const howLong = ttlMs === null ? '' : ` --ttl ${formatDuration(ttlMs)}`
  // Of signs alone that mean nothing to a shell: what is asked with is compared before anything is made of it.
  const filled = Object.entries(parameters).map(([name, value]) => ` --param ${name}=${value}`)
  const first = instead === null ? '' : `leasegate lease revoke ${instead} && `
  return `${first}leasegate lease request --template ${template}${where}${howLong}${filled.join('')}${wantsTicket ? ' --ticket ID' : ''} --reason 'WHY'`
}
