import { duration, type Parse } from '../parsers.ts'

export interface Setting<T> {
  readonly env: `LEASEGATE_${string}`
  readonly parse: Parse<T>
  /** As text, like the variable itself; null: not set means null; undefined: whoever wants the setting cannot do without it. */
  readonly fallback?: string | null
  readonly secret?: true
  readonly doc: string
}

export const SECOND = 1000
export const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

export const wait = duration({ minMs: 100, maxMs: 10 * MINUTE })
export const long = duration({ minMs: SECOND, maxMs: 24 * HOUR })
