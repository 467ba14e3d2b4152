import { reachOf } from './reach.ts'
import type { Write } from './written.ts'

/** Whether a write hands a Secret or a token to pods: whoever may read their output reads it. What cannot be read counts as that; no body brings nothing. */
export function bringsSecret(write: Write): boolean {
  if (write.object.kind === 'none') return false
  const { secrets, pods } = reachOf(write)
  return secrets && pods
}
