import type { ApiRequest } from '../api-request.ts'
import { isApply } from './creates.ts'
import { type Deleting, writes } from './deletes.ts'

type Write = Pick<ApiRequest, 'info' | 'contentType' | 'object'>

const CHANGES: ReadonlySet<string> = new Set(['update', 'patch'])

/** How many a kind keeps of what it made, by resource: the field, its number in protobuf, and what it is where nobody says it. */
const KEPT: Readonly<Record<string, readonly (readonly [field: string, number: number, usual: number])[]>> = {
  'batch/cronjobs': [
    ['successfulJobsHistoryLimit', 6, 3],
    ['failedJobsHistoryLimit', 7, 1],
  ],
  'apps/deployments': [['revisionHistoryLimit', 6, 10]],
  'apps/daemonsets': [['revisionHistoryLimit', 6, 10]],
  // Scaled away from, pods may lose their claims.
  'apps/statefulsets': [
    ['revisionHistoryLimit', 8, 10],
    ['replicas', 1, 0],
  ],
}

/** The kubelet, or the controller of Jobs, stops what runs. */
const DEADLINES: Readonly<Record<string, number>> = { '/pods': 5, 'batch/jobs': 3 }

const RECLAIM: Deleting = {
  path: ['spec', 'persistentVolumeReclaimPolicy'],
  message: [2],
  field: 5,
  harmless: value => value === 'Retain',
}
/** Of snapshots, of claims for what is in a cloud and of others; none of them is served as protobuf. */
const DELETION: Deleting = { ...RECLAIM, path: ['spec', 'deletionPolicy'], field: 0 }

/**
 * Whether a write may have something deleted that counts for a budget of deletes, though the right to delete the object itself is not what
 * it needs. Admission wants that of whoever makes anything end sooner; how often nobody knows but whoever counts. A whole object has each
 * of these fields, as it was read: there one that says no less than what is usual is taken for unchanged.
 */
export function costsObjects(write: Write): boolean {
  return countedFields(write).some(field => writes(write, field)) || scalesClaims(write)
}

function countedFields({ info, contentType }: Write): readonly Deleting[] {
  const { isResourceRequest, verb, apiGroup, resource, subresource } = info
  if (!isResourceRequest || subresource !== '' || !CHANGES.has(verb)) return []
  const kind = `${apiGroup}/${resource}`
  if (kind === '/persistentvolumes') return [RECLAIM]
  const deadline = Object.hasOwn(DEADLINES, kind) ? DEADLINES[kind] : undefined
  if (deadline !== undefined) return [deadlineAt(deadline)]
  const isWhole = verb === 'update' || isApply(contentType)
  const kept = Object.hasOwn(KEPT, kind) ? KEPT[kind] : undefined
  return kept?.map(([field, number, usual]) => keptBy(field, number, isWhole ? usual : Infinity)) ?? [DELETION]
}

function deadlineAt(field: number): Deleting {
  return { path: ['spec', 'activeDeadlineSeconds'], message: [2], field, harmless: () => false }
}

function keptBy(name: string, field: number, usual: number): Deleting {
  return { path: ['spec', name], message: [2], field, harmless: value => Number(value) >= usual }
}

/** A set may be told to delete the claims of pods that it is scaled away from: neither the scale nor whoever sends it says so. */
function scalesClaims({ info: { verb, apiGroup, resource, subresource } }: Write): boolean {
  return apiGroup === 'apps' && resource === 'statefulsets' && subresource === 'scale' && CHANGES.has(verb)
}
