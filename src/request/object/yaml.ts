import { isAlias, isMap, isNode, isScalar, parseDocument, visit } from 'yaml'
import { decodeText, MAX_DEPTH, NAMED_TWICE, parseJson } from './json.ts'
import { type Parsed, unreadable } from './unreadable.ts'

/** YAML is slow to read; an object this large comes as JSON. */
const MAX_BYTES = 16 * 1024

/**
 * Kubernetes reads YAML 1.1, where also NEL, LS and PS end a line, and with it a comment. Other controls and a byte order mark are
 * nothing that a client sends, and a lone CR ends a line only there.
 */
const ODD = /(?![\t\n\r])[\p{Cc}\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)/u

/** `%YAML 1.1` would turn other texts into numbers and flags; `---` could begin what another reader reads instead. */
const MARKERS = /^(?:%|---|\.\.\.)/m

/** What is a text in YAML 1.2 and a flag or a number in 1.1: `yes`, `0b1`, `-0x1`, `1_000`. */
const ELSE_IN_1_1 = /^(?:y|yes|n|no|on|off|[-+]?(?:0[box][\da-f_]+|[\d._]*_[\d._]*(?:e[-+]?[\d_]+)?))$/i

/** The reader goes down once for each of these. */
const DEEP_LINE = /(?:[-?:] +){100}/

/**
 * Unreadable is what is no YAML, or what Kubernetes' YAML 1.1 might read otherwise: tags (`!!binary` is decoded there), anchors, merge
 * keys, members named twice, more than one document.
 */
export function parseYaml(bytes: Uint8Array): Parsed {
  const text = decodeText(bytes)
  if (text === null) return unreadable('it is not UTF-8')
  if (ODD.test(text)) return unreadable('it holds a control character, or a line end of YAML 1.1')
  // client-go and controller-runtime send JSON under this name.
  const json = parseJson(bytes)
  if (json.kind === 'ok' || json.why === NAMED_TWICE) return json
  if (bytes.length > MAX_BYTES) return unreadable(`it is YAML of more than ${MAX_BYTES} bytes; send JSON`)
  if (MARKERS.test(text)) return unreadable('it is YAML with a directive or a mark of a document')
  if (nestsDeeply(text)) return unreadable(`it is more than ${MAX_DEPTH} levels deep`)
  try {
    const document = parseDocument(text, { logLevel: 'silent', stringKeys: true })
    if (document.errors.some(({ code }) => code === 'DUPLICATE_KEY')) return unreadable(NAMED_TWICE)
    if (document.errors.length > 0 || document.warnings.length > 0) return unreadable('it is not valid YAML')
    if (!isPlain(document)) return unreadable('it is YAML that may be read in two ways')
    const value: unknown = document.toJS({ maxAliasCount: 0 })
    return isShallow(value) ? { kind: 'ok', value } : unreadable(`it is more than ${MAX_DEPTH} levels deep`)
  } catch {
    return unreadable('it is not valid YAML')
  }
}

function isShallow(value: unknown): boolean {
  let level: readonly unknown[] = [value]
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    level = level.flatMap(children)
    if (level.length === 0) return true
  }
  return false
}

function children(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).filter(each => typeof each === 'object' && each !== null)
}

/** Counts brackets in texts and comments too. */
function nestsDeeply(text: string): boolean {
  let depth = 0
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1
    if (depth > MAX_DEPTH) return true
  }
  return DEEP_LINE.test(text)
}

function isPlain(document: ReturnType<typeof parseDocument>): boolean {
  let plain = true
  visit(document, (_, node) => {
    const tagged = isNode(node) && (node.tag !== undefined || ('anchor' in node && node.anchor !== undefined))
    if (isAlias(node) || tagged || (isMap(node) && hasMergeKey(node)) || isOther(node)) plain = false
    return plain ? undefined : visit.BREAK
  })
  return plain
}

function isOther(node: unknown): boolean {
  if (!isScalar(node) || node.type !== 'PLAIN') return false
  return typeof node.value === 'string' && ELSE_IN_1_1.test(node.value)
}

function hasMergeKey(map: { readonly items: readonly { readonly key: unknown }[] }): boolean {
  return map.items.some(({ key }) => isScalar(key) && key.value === '<<')
}
