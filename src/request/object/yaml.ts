import { isAlias, isMap, isNode, isScalar, parseDocument, visit } from 'yaml'
import { decodeText, MAX_DEPTH, parseJson } from './json.ts'

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
 * Undefined for what is no YAML, or what Kubernetes' YAML 1.1 might read otherwise: tags (`!!binary` is decoded there), anchors, merge
 * keys, members named twice, more than one document.
 */
export function parseYaml(bytes: Uint8Array): unknown {
  const text = decodeText(bytes)
  if (text === null || ODD.test(text)) return undefined
  // client-go and controller-runtime send JSON under this name.
  const json = parseJson(bytes)
  if (json !== undefined) return json
  if (bytes.length > MAX_BYTES || MARKERS.test(text) || nestsDeeply(text)) return undefined
  try {
    const document = parseDocument(text, { logLevel: 'silent', stringKeys: true })
    if (document.errors.length > 0 || document.warnings.length > 0 || !isPlain(document)) return undefined
    const value: unknown = document.toJS({ maxAliasCount: 0 })
    return isShallow(value) ? value : undefined
  } catch {
    return undefined
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
