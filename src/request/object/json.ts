/** Deeper than any object of Kubernetes; a stack is not endless. */
const MAX_DEPTH = 200

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a

/** Undefined for what is no JSON, or JSON that two readers could take for two things: a member named twice, a byte order mark. */
export function parseJson(bytes: Uint8Array): unknown {
  const text = decodeText(bytes)
  if (text === null) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (!isShallow(value)) return undefined
    const { colons, escapedNames } = scan(text)
    if (escapedNames) return rebuild(JSON.parse(text.replace(TOKENS, toListed)))
    // A member that is named again replaces the one before: then there are fewer members than colons.
    return countMembers(value) === colons ? value : undefined
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

/** False for more levels than an object may have, so that what walks it need not look at its own depth. */
export function isShallow(value: unknown): boolean {
  let level: readonly unknown[] = [value]
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    level = level.flatMap(children)
    if (level.length === 0) return true
  }
  return false
}

function children(value: unknown): readonly unknown[] {
  return isObject(value) ? Object.values(value).filter(isObject) : []
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function countMembers(value: unknown): number {
  if (!isObject(value)) return 0
  const values: readonly unknown[] = Object.values(value)
  return values.reduce<number>((sum, each) => sum + countMembers(each), Array.isArray(value) ? 0 : values.length)
}

interface Scanned {
  /** Those between names and values, not those in texts. */
  readonly colons: number
  readonly escapedNames: boolean
}

/** Takes valid JSON. */
function scan(json: string): Scanned {
  let [colons, quoted, escaped, escapedNames] = [0, false, false, false]
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at)
    if (code === QUOTE) {
      quoted = !quoted
      if (quoted) escaped = false
    } else if (quoted && code === BACKSLASH) {
      escaped = true
      at += 1
    } else if (!quoted && code === COLON) {
      colons += 1
      escapedNames ||= escaped
    }
  }
  return { colons, escapedNames }
}

const TOKENS = /"(?:[^"\\]|\\.)*"|[{[](?:[\t\n\r ]*[}\]])?|[}:]/g

/**
 * Objects as lists of names and values, behind an `{}` that tells them from lists: JSON.parse of Node 24 (V8 13.6) takes `"ab\u0063"`
 * for the member `ab\`, once it has seen an object with such a member. As values texts are read right.
 */
function toListed(token: string): string {
  if (token.startsWith('"')) return token
  if (token.startsWith('{')) return token.length > 1 ? '[{}]' : '[{},'
  if (token.startsWith('[')) return token.length > 1 ? '[[]]' : '[[],'
  return token === '}' ? ']' : ','
}

/** Throws when a name comes twice. */
function rebuild(listed: unknown): unknown {
  if (!Array.isArray(listed)) return listed
  const [marker, ...parts]: readonly unknown[] = listed
  if (Array.isArray(marker)) return parts.map(rebuild)
  const members = new Map<string, unknown>()
  for (let at = 0; at < parts.length; at += 2) {
    const name = String(parts[at])
    if (members.has(name)) throw new Error('a member named twice')
    members.set(name, rebuild(parts[at + 1]))
  }
  return Object.fromEntries(members)
}
