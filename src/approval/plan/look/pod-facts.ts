import type { Plan } from '../plan.ts'
import { ageOf } from './age.ts'
import { textAt } from './json.ts'
import { ownerOf } from './pods.ts'

/** Whose pod it is, where it runs and as whom. */
export function podFacts(pod: unknown, now: number): Plan['facts'] {
  return [
    { name: 'owner', value: ownerOf(pod) },
    { name: 'node', value: textAt(pod, 'spec', 'nodeName') || 'none yet' },
    { name: 'service account', value: textAt(pod, 'spec', 'serviceAccountName') || 'default' },
    { name: 'age', value: ageOf(textAt(pod, 'metadata', 'creationTimestamp'), now) },
  ]
}
