/** `usage`: the caller can mend it. `forbidden`: the account lacks the right. `failed`: the cluster did not answer as it should. */
export type ClusterErrorCode = 'usage' | 'forbidden' | 'failed'

/** What could not be read from a cluster, in one sentence. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError'
  readonly code: ClusterErrorCode
  /** What the API server answered, null when nothing came. */
  readonly status: number | null

  constructor(code: ClusterErrorCode, message: string, cause?: unknown, status: number | null = null) {
    super(message, { cause })
    this.code = code
    this.status = status
  }
}
