import { approvalIn, fromMetadata, METADATA_NAMESPACE } from './metadata.ts'
import type { HttpAccessLogEntry } from './to-outcome.ts'

/** A request that used a yes, and that was answered with "not now". */
export interface PutOff {
  readonly approval: string
  /** Its audit id. */
  readonly request: string
}

const TOO_MANY_REQUESTS = 429

/**
 * Null for every other outcome. 429 is what a disruption budget says to an eviction before anything is done (k8s.io/kubernetes,
 * registry/core/pod/storage/eviction.go), and what a pod behind a proxy, an aggregated server or a webhook says whenever it likes: the
 * store gives back what an eviction used, and nothing else.
 */
export function toPutOff({ common_properties: common, response }: HttpAccessLogEntry): PutOff | null {
  const metadata = common?.metadata?.filter_metadata?.[METADATA_NAMESPACE]
  const [key, approval] = [fromMetadata(metadata), approvalIn(metadata)]
  if (key === null || approval === null) return null
  const isAnswered = common?.access_log_type === 'DownstreamEnd' && response?.response_code_details === 'via_upstream'
  return isAnswered && response?.response_code?.value === TOO_MANY_REQUESTS ? { approval, request: key.auditId } : null
}
