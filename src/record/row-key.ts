/** Key of a request's row in the record; Envoy carries it from the decision to the access log, so that both halves meet. */
export interface RowKey {
  readonly auditId: string
  /** Epoch milliseconds. */
  readonly decidedAt: number
  /** '' when no lease could be named. */
  readonly agent: string
  readonly lease: string
}
