import { type Parsed, unreadable } from './unreadable.ts'

/** Deeper than any object of Kubernetes; a stack is not endless, and what walks an object need not look at its depth. */
export const MAX_DEPTH = 200
/** Names, values and lists of the largest object that anybody has; each takes time that others wait for. */
export const MAX_PARTS = 20_000

export const NAMED_TWICE = 'a member is named twice'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** Unreadable is what is no JSON, or JSON that two readers could take for two things: a member named twice, a byte order mark. */
export function parseJson(bytes: Uint8Array): Parsed {
  const text = decodeText(bytes)
  if (text === null) return unreadable('it is not UTF-8')
  if (text.startsWith('\ufeff')) return unreadable('it begins with a byte order mark')
  const { colons, escapedNames, depth, parts } = scan(text)
  if (depth > MAX_DEPTH) return unreadable(`it is more than ${MAX_DEPTH} levels deep`)
  if (parts > MAX_PARTS) return unreadable(`it has more than ${MAX_PARTS} members and items`)
  const value = parsed(text)
  if (value === undefined) return unreadable('it is not valid JSON')
  if (escapedNames) return rebuilt(text)
  // A member that is named again replaces the one before: then there are fewer members than colons.
  return countMembers(value) === colons ? { kind: 'ok', value } : unreadable(NAMED_TWICE)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Null for what is not UTF-8. A byte order mark stays, for Kubernetes does not skip it either. */
export function decodeText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** The value must be shallow. */
function countMembers(value: unknown): number {
  if (!isObject(value)) return 0
  const values: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  let count = Array.isArray(value) ? 0 : values.length
  for (const each of values) count += countMembers(each)
  return count
}

interface Scanned {
  /** Those between names and values, not those in texts. */
  readonly colons: number
  readonly escapedNames: boolean
  readonly depth: number
  /** Values, of members and of lists, and lists and objects that may have none. */
  readonly parts: number
}

/** Of text that is no JSON it says nothing of worth. */
function scan(json: string): Scanned {
  let [colons, commas, opened, open, depth] = [0, 0, 0, 0, 0]
  let [quoted, escaped, escapedNames] = [false, false, false]
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at)
    if (quoted) {
      if (code === QUOTE) quoted = false
      if (code !== BACKSLASH) continue
      escaped = true
      at += 1
    } else if (code === QUOTE) {
      quoted = true
      escaped = false
    } else if (code === COLON) {
      colons += 1
      escapedNames ||= escaped
    } else if (code === COMMA) commas += 1
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      opened += 1
      open += 1
      depth = Math.max(depth, open)
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) open -= 1
  }
  return { colons, escapedNames, depth, parts: commas + opened }
}

const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{[](?:[\t\n\r ]*[}\]])?|[}:]/g

/**
 * Objects as lists of names and values, behind an `{}` that tells them from lists: JSON.parse of Node 24 and 26 (V8 13.6, 14.6) takes
 * `"ab\u0063"` for the member `ab\`, once it has seen an object with such a member. As values texts are read right.
 */
function toListed(token: string): string {
  if (token.startsWith('"')) return token
  if (token.startsWith('{')) return token.length > 1 ? '[{}]' : '[{},'
  if (token.startsWith('[')) return token.length > 1 ? '[[]]' : '[[],'
  return token === '}' ? ']' : ','
}

function rebuilt(text: string): Parsed {
  try {
    return { kind: 'ok', value: rebuild(JSON.parse(text.replace(TOKENS, toListed))) }
  } catch {
    return unreadable(NAMED_TWICE)
  }
}

/** Throws when a name comes twice. */
function rebuild(listed: unknown): unknown {
  if (!Array.isArray(listed)) return listed
  const [marker, ...parts]: readonly unknown[] = listed
  if (Array.isArray(marker)) return parts.map(rebuild)
  const members = new Map<string, unknown>()
  for (let at = 0; at < parts.length; at += 2) {
    const name = String(parts[at])
    if (members.has(name)) throw new Error(NAMED_TWICE)
    members.set(name, rebuild(parts[at + 1]))
  }
  return Object.fromEntries(members)
}
