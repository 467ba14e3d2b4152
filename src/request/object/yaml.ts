import { decodeText, NAMED_TWICE, parseJson } from './json.ts'
import { type Parsed, unreadable } from './unreadable.ts'
import { BlockReader } from './yaml/block.ts'
import { NOT_VALID, NotRead } from './yaml/text.ts'

/**
 * Kubernetes reads YAML 1.1, where also NEL, LS and PS end a line, and with it a comment. Other controls and a byte order mark are
 * nothing that a client sends, and a lone CR ends a line only there.
 */
const ODD = /(?![\t\n\r])[\p{Cc}\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)/u

/** `%YAML 1.1` would turn other texts into numbers and flags; `---` could begin what another reader reads instead. */
const MARKERS = /^(?:%|---|\.\.\.)/m

/** Takes a few milliseconds; a larger object comes as JSON, which takes less. */
const MAX_BYTES = 256 * 1024

/**
 * Reads the part of YAML that people and their tools write for Kubernetes, and that every reader takes for the same, in time that grows
 * with the text. Unreadable is what Kubernetes' YAML 1.1 might read otherwise (tags, anchors, aliases, merge keys, `yes`, `0x1F`, members
 * named twice, more than one document), and what is rare: names that are no words, tabs between them, indentation that is told in numbers.
 */
export function parseYaml(bytes: Uint8Array): Parsed {
  const text = decodeText(bytes)
  if (text === null) return unreadable('it is not UTF-8')
  if (ODD.test(text)) return unreadable('it holds a control character, or a line end of YAML 1.1')
  // client-go and controller-runtime send JSON under this name.
  if (/^\s*[{[]/.test(text)) {
    const json = parseJson(bytes)
    if (json.kind === 'ok' || json.why === NAMED_TWICE || bytes.length > MAX_BYTES) return json
  }
  if (bytes.length > MAX_BYTES) return unreadable(`it is YAML of more than ${MAX_BYTES} bytes; send JSON`)
  if (MARKERS.test(text)) return unreadable('it is YAML with a directive or a mark of a document')
  try {
    return { kind: 'ok', value: new BlockReader(text).read() }
  } catch (error) {
    return error instanceof NotRead ? error.because : unreadable(NOT_VALID)
  }
}
