import type { z } from 'zod'

/** What one of our processes wrote to another, a JSON a line; null for a line that whoever was killed did not write to its end. */
export function parseTold<T>(told: z.ZodType<T>, line: string): T | null {
  try {
    return told.parse(JSON.parse(line))
  } catch {
    return null
  }
}
