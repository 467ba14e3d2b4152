/** Kubernetes' StatusReason by the HTTP status it goes with. */
const REASONS = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
} as const

export type StatusCode = keyof typeof REASONS

/** The broker's refusals are metav1.Status objects, like the boundary's and Kubernetes' own. */
export interface Status {
  readonly kind: 'Status'
  readonly apiVersion: 'v1'
  readonly metadata: Readonly<Record<string, never>>
  readonly status: 'Failure'
  readonly message: string
  readonly reason: string
  readonly details?: { readonly causes: readonly { readonly reason: string; readonly message: string }[] }
  readonly code: number
}

/** A request that cannot be met. `message` is for the client: one sentence, nothing of a credential. */
export class StatusError extends Error {
  readonly code: StatusCode
  /** Seconds after which the same may succeed; null: waiting does not help, or nobody knows how long. */
  readonly retryAfter: number | null
  /** That it waits for. */
  readonly approval: string | null

  constructor(code: StatusCode, message: string, retryAfter: number | null = null, approval: string | null = null) {
    super(message)
    this.code = code
    this.retryAfter = retryAfter
    this.approval = approval
  }
}

/** The cause is named as in the boundary's own refusals. */
export function toStatus({ code, message, approval }: StatusError): Status {
  const details = approval === null ? {} : { details: { causes: [{ reason: 'LeasegateApproval', message: approval }] } }
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message } as const
  return { ...status, reason: REASONS[code], ...details, code }
}
