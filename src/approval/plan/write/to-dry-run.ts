import type { Sent } from '../../sent/sent.ts'
import type { DryRun } from '../look/cluster-view.ts'

/** The same request, byte for byte, but that nothing is kept of it. */
export function toDryRun({ method, target, headers, body }: Sent): DryRun {
  const contentType = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  // Said twice it is no other: the API server takes nothing but `All`.
  return { method, target: `${target}${target.includes('?') ? '&' : '?'}dryRun=All`, contentType, body }
}
