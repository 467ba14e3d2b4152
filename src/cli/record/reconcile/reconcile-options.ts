import type { ReportFormat } from '../../proof/report-output.ts'

export interface ReconcileOptions {
  readonly auditLog?: readonly string[]
  readonly listen?: string
  readonly boundaryUser?: readonly string[]
  readonly plannerUser?: readonly string[]
  readonly policy?: string
  readonly grace: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly clientCa?: string
  readonly output: ReportFormat
}
