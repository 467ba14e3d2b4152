import { reachOf } from './reach.ts'
import type { Write } from './written.ts'

/** Whether a write hands a Secret or a token to pods: whoever may read their output reads it. What cannot be read counts as that. */
export function bringsSecret(write: Write): boolean {
  const { secrets, pods } = reachOf(write)
  return secrets && pods
}
