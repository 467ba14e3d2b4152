import type { Sent } from '../../sent/sent.ts'
import type { DryRun } from '../look/cluster-view.ts'

/** The same request, byte for byte, but that nothing is kept of it. */
export function toDryRun({ method, target, headers, body }: Sent): DryRun {
  const contentType = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  const query = target.includes('?') ? target.slice(target.indexOf('?') + 1) : ''
  // One that is said already is `All`, as the API server takes no other.
  const isSaid = query.split('&').some(part => part.split('=', 1)[0] === 'dryRun')
  return {
    method,
    target: isSaid ? target : `${target}${query === '' && !target.includes('?') ? '?' : '&'}dryRun=All`,
    contentType,
    body,
  }
}
