export interface WindowSize {
  readonly columns: number
  readonly rows: number
}

const MOST = 65_535

/** Of a `resize`. Go's decoder, which the API server reads it with, does not look at capitals. Null: it is none. */
export function parseWindowSize(json: string): WindowSize | null {
  try {
    const entries = Object.entries(JSON.parse(json) as object).map(([name, value]) => [name.toLowerCase(), value])
    const { width, height } = Object.fromEntries(entries) as Record<string, unknown>
    return isSide(width) && isSide(height) ? { columns: width, rows: height } : null
  } catch {
    return null
  }
}

function isSide(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) <= MOST
}
