import { STEERING } from '../../../policy/pods/steering.ts'
import type { RequestInfo } from '../../../request/api-request.ts'

/** Addresses that the API server gives a Service. */
const OF_SERVICES = /^spec\.(?:clusterIP|clusterIPs|healthCheckNodePort|ports\.[^.]+\.nodePort)$/
/** The uid of a Job, by which it finds its pods. */
const OF_JOBS = /\.matchLabels\.(?:batch\.kubernetes\.io\/)?controller-uid$/

/**
 * Whether nothing runs, or reaches further, by what a field says: labels and annotations, but those by which something is put into pods, and what
 * Kubernetes itself draws. Of everything else nobody knows.
 */
export function runsNothing({ apiGroup, resource }: RequestInfo, path: readonly string[]): boolean {
  const notes = path.findIndex(
    (name, at) => path[at - 1] === 'metadata' && (name === 'annotations' || name === 'labels'),
  )
  if (notes >= 0) {
    // Of very many the path ends before the name of one.
    const name = path[notes + 1]
    return name !== undefined && !STEERING.some(beginning => name.startsWith(beginning))
  }
  const place = path.join('.')
  if (place === 'metadata.name') return true
  if (apiGroup === '' && resource === 'services') return OF_SERVICES.test(place)
  return apiGroup === 'batch' && OF_JOBS.test(place)
}
