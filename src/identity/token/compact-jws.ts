import { hasDuplicateNames } from '../claims/duplicate-names.ts'

const MAX_TOKEN = 16_384
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/

export interface CompactJws {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
}

/** What a compact JWS says about itself, nothing of it verified; null for anything else (too long, JWE, unsigned, odd JSON). */
export function parseCompactJws(token: string, maxLength = MAX_TOKEN): CompactJws | null {
  if (token.length > maxLength || !COMPACT.test(token)) return null
  const [header, payload] = token.split('.').slice(0, 2).map(parseObject)
  if (header === undefined || header === null || payload === undefined || payload === null) return null
  return { header, payload }
}

function parseObject(part: string): Record<string, unknown> | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url'))
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value) || hasDuplicateNames(text)) return null
    return value as Record<string, unknown>
  } catch {
    return null
  }
}
