import { formatDuration } from '../../file/values/duration.ts'
import { isPlain } from '../parameters.ts'
import type { Asking } from '../ways-in.ts'

/**
 * What to type for such a lease, whole: it works as it stands, in any POSIX shell. Agents run it unread, so nothing stands in it that a shell would
 * take for more than a word; in place of a value that nobody can tell is an ellipsis, which the broker refuses and says what is wanted.
 */
export function requestCommand({
  template,
  namespaces,
  ttlMs,
  instead,
  wantsTicket = false,
  wantsConsent = false,
  parameters = {},
}: Asking): string {
  const where = namespaces.map(one => ` --namespace ${one === '*' ? "'*'" : word(one)}`).join('')
  const howLong = ttlMs === null ? '' : ` --ttl ${formatDuration(ttlMs)}`
  const filled = Object.entries(parameters).map(([name, value]) => ` --param ${word(name)}=${word(value)}`)
  const first = instead === null ? '' : `leasegate lease revoke ${word(instead)} && `
  const beside = `${wantsTicket ? ' --ticket ID' : ''}${wantsConsent ? ' --on-behalf-of FILE' : ''}`
  return `${first}leasegate lease request --template ${word(template)}${where}${howLong}${filled.join('')}${beside} --reason 'WHY'`
}

function word(text: string): string {
  return isPlain(text) ? text : '…'
}
