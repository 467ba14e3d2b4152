import type { ApiRequest } from '../../request/api-request.ts'
import { firstValue, parseQuery } from '../../request/query.ts'

const UNITS_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 0.001, ns: 0.000_001 }
const PARTS = /(\d{1,9}(?:\.\d{1,9})?)(ms|us|ns|h|m|s)/g

/**
 * How long the client itself waits for all of its tries, milliseconds. client-go says it in the query (`kubectl --request-timeout`, a
 * client's Timeout), as Go writes durations; without it, or where it is none, there is no end.
 */
export function patienceMs(request: ApiRequest | null): number {
  const asked = request === null ? null : parseQuery(request.query)
  const text = asked?.kind === 'query' ? (firstValue(asked.query, 'timeout') ?? '') : ''
  const parts = [...text.matchAll(PARTS)]
  const whole = parts.map(([part]) => part).join('')
  if (whole === '' || whole !== text) return Number.POSITIVE_INFINITY
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS_MS[unit ?? ''] ?? 0), 0)
}
