import { at } from '../look/json.ts'

/** What a write stops that runs: fewer replicas, a Job that waits. */
export function stopNotes(resource: string, before: unknown, after: unknown): readonly string[] {
  const [old, young] = [at(before, 'spec', 'replicas'), at(after, 'spec', 'replicas')]
  const isFewer = typeof old === 'number' && typeof young === 'number' && young < old
  return [
    ...(isFewer ? [`replicas go down by ${old - young}: ${young === 0 ? 'none is left' : `${young} left`}`] : []),
    ...(isTurned(before, after, 'suspend') ? [SUSPENDED.get(resource) ?? 'it would be suspended'] : []),
    ...(resource === 'jobs' && isFewerAtOnce(before, after) ? ['pods of it that run are stopped'] : []),
  ]
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
