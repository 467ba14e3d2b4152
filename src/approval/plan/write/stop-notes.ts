import type { RequestInfo } from '../../../request/api-request.ts'
import type { Looked } from '../look/cluster-view.ts'
import { at, textAt } from '../look/json.ts'

interface Stopping {
  readonly before: unknown
  readonly after: unknown
  /** What has the replicas: the object itself, of which a scale is but a part. */
  readonly owner: Looked | null
}

/** What a write stops that runs, and what goes with that: fewer replicas, a Job that waits. */
export function stopNotes({ resource, apiGroup }: RequestInfo, stopping: Stopping): readonly string[] {
  const { before, after } = stopping
  const [old, young] = [at(before, 'spec', 'replicas'), at(after, 'spec', 'replicas')]
  const isFewer = typeof old === 'number' && typeof young === 'number' && young < old
  return [
    ...(isFewer ? [`replicas go down by ${old - young}: ${young === 0 ? 'none is left' : `${young} left`}`] : []),
    ...(isFewer && apiGroup === 'apps' && resource === 'statefulsets' ? claimNotes(stopping) : []),
    ...(isTurned(before, after, 'suspend') ? [SUSPENDED.get(resource) ?? 'it would be suspended'] : []),
    ...(resource === 'jobs' && isFewerAtOnce(before, after) ? ['pods of it that run are stopped'] : []),
  ]
}

/** A StatefulSet can have said that the claims of pods that it scales away go with them. */
function claimNotes({ after, owner }: Stopping): readonly string[] {
  if (owner?.kind !== 'found') return ['whether claims are deleted with these pods is not known']
  const policy = [after, owner.value].map(each =>
    textAt(each, 'spec', 'persistentVolumeClaimRetentionPolicy', 'whenScaled'),
  )
  if (!policy.includes('Delete')) return []
  return ['the claims of these pods are deleted with them, and the data of volumes that are reclaimed by Delete']
}

const SUSPENDED: ReadonlyMap<string, string> = new Map([
  ['jobs', 'its pods that run are stopped, until it goes on'],
  ['cronjobs', 'it starts no more Jobs, until it goes on'],
])

function isTurned(before: unknown, after: unknown, field: string): boolean {
  return before !== null && at(before, 'spec', field) !== true && at(after, 'spec', field) === true
}

function isFewerAtOnce(before: unknown, after: unknown): boolean {
  const [old, young] = [at(before, 'spec', 'parallelism'), at(after, 'spec', 'parallelism')]
  return typeof old === 'number' && typeof young === 'number' && young < old
}
