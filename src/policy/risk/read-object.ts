import { isAlias, isNode, parseDocument, visit } from 'yaml'

/** YAML is slow to read; an object this large comes as JSON. */
const MAX_YAML_BYTES = 256 * 1024

/** Undefined for what is no JSON. */
export function readJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

/** Undefined for what Kubernetes' YAML 1.1 might read otherwise: tags (`!!binary` is decoded there), aliases, merge keys. */
export function readYaml(bytes: Buffer): unknown {
  if (bytes.length > MAX_YAML_BYTES) return undefined
  const document = parseDocument(bytes.toString('utf8'))
  if (document.errors.length > 0) return undefined
  let plain = true
  visit(document, (_, node) => {
    if (isAlias(node) || (isNode(node) && node.tag !== undefined)) plain = false
    return plain ? undefined : visit.BREAK
  })
  const object: unknown = plain ? document.toJS() : undefined
  return typeof object === 'object' && object !== null && '<<' in object ? undefined : object
}
