export interface WindowSize {
  readonly columns: number
  readonly rows: number
}

const MOST = 65_535

/**
 * Of a `resize`. Go's decoder, which the API server reads it with, does not look at capitals, and takes null for 0. 'unknown': a side is 0,
 * as of a terminal that has no size yet; runtimes pass it over. Null: it is none.
 */
export function readWindowSize(json: string): WindowSize | 'unknown' | null {
  try {
    const entries = Object.entries(JSON.parse(json) as object).map(
      ([name, value]) => [name.toLowerCase(), value] as const,
    )
    const named = new Map<string, unknown>(entries)
    const [columns, rows] = [named.get('width') ?? 0, named.get('height') ?? 0]
    const hasBoth = named.has('width') && named.has('height') && named.size === entries.length
    if (!hasBoth || !isSide(columns) || !isSide(rows)) return null
    return columns === 0 || rows === 0 ? 'unknown' : { columns, rows }
  } catch {
    return null
  }
}

/** Null: it says none. */
export function parseWindowSize(json: string): WindowSize | null {
  const size = readWindowSize(json)
  return size === 'unknown' ? null : size
}

function isSide(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MOST
}
