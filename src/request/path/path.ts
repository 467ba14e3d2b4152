import { type Refused, refuse } from '../refuse.ts'

export interface ParsedPath {
  readonly kind: 'path'
  /** Decoded; without the leading slash and without one trailing slash, which Kubernetes trims too. */
  readonly segments: readonly string[]
}

const MAX_PATH_BYTES = 8192

/** RFC 3986 pchar, '%' and '/', without ';': other servers cut path parameters off, Kubernetes does not. */
const ODD_BYTE = /[^A-Za-z0-9\-._~!$&'()*+,=:@%/]/

const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/

/** Escaped controls and # % . / ; ? \: whoever decodes once more, or once less, or cleans the path first, would see another one. */
const ODD_ESCAPE = /%(?:[01][0-9A-Fa-f]|2[35EeFf]|3[BbFf]|5[Cc]|7[Ff])/

/** Characters that show as nothing, and line breaks; in a name they serve only to deceive whoever reads it. */
export const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

/** Takes the path as it was on the wire, without the query. What two parsers could read in two ways is refused, never normalised. */
export function parsePath(path: string): ParsedPath | Refused {
  if (path.length > MAX_PATH_BYTES) {
    return refuse('too-long', `the path has ${path.length} bytes, and ${MAX_PATH_BYTES} are read`)
  }
  if (!path.startsWith('/')) return refuse('odd-path', 'path does not start with a slash')
  const odd = ODD_BYTE.exec(path)
  if (odd !== null) return refuse('odd-path', `byte 0x${hex(odd[0])}`)
  const raw = path.slice(1).split('/')
  if (raw.at(-1) === '') raw.pop()
  return path.includes('%') ? decodeSegments(path, raw) : checkSegments(raw)
}

function decodeSegments(path: string, raw: readonly string[]): ParsedPath | Refused {
  if (BROKEN_ESCAPE.test(path)) return refuse('odd-path', 'broken percent-escape')
  const odd = ODD_ESCAPE.exec(path)
  if (odd !== null) return refuse('odd-path', `escaped byte 0x${odd[0].slice(1).toLowerCase()}`)
  const segments = raw.map(decodeUtf8)
  if (!segments.every(segment => segment !== null)) return refuse('odd-path', 'percent-escapes that are not UTF-8')
  if (segments.some(segment => INVISIBLE.test(segment))) return refuse('odd-path', 'escaped invisible character')
  return checkSegments(segments)
}

function checkSegments(segments: readonly string[]): ParsedPath | Refused {
  for (const segment of segments) {
    if (segment === '') return refuse('odd-path', 'empty segment')
    if (segment === '.' || segment === '..') return refuse('odd-path', 'dot segment')
  }
  return { kind: 'path', segments }
}

/** Null when the percent-escapes are broken or do not make UTF-8: Go would go on with raw bytes that no JavaScript string can hold. */
export function decodeUtf8(escaped: string): string | null {
  if (!escaped.includes('%')) return escaped
  try {
    return decodeURIComponent(escaped)
  } catch {
    return null
  }
}

function hex(char: string): string {
  return char.charCodeAt(0).toString(16).padStart(2, '0')
}
