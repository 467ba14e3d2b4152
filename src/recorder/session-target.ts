import { isTrue, parseQuery } from '../request/query.ts'
import type { SessionHead } from '../session/recording/session-event.ts'

const PATH = /^\/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+\/(exec|attach)\/?$/

/** What is asked for, null where it is no session. The authorizer has read the target before, and refused what is odd. */
export function toSessionTarget(target: string): Pick<SessionHead, 'verb' | 'tty'> | null {
  const cut = target.indexOf('?')
  const verb = PATH.exec(cut === -1 ? target : target.slice(0, cut))?.[1]
  const read = parseQuery(cut === -1 ? '' : target.slice(cut + 1))
  if (read.kind === 'refused' || (verb !== 'exec' && verb !== 'attach')) return null
  return { verb, tty: isTrue(read.query, 'tty') }
}
