import type { Asked } from './entry.ts'
import { podEscapesInProtobuf } from './pod-protobuf.ts'
import { readJson, readYaml } from './read-object.ts'

/** `identity`: another service account's token comes within reach. `host`: the node does. */
export type PodEscape = 'identity' | 'host'

const BOTH: ReadonlySet<PodEscape> = new Set(['identity', 'host'])
/** Deeper than any object of Kubernetes; a stack is not endless. */
const MAX_DEPTH = 200

const HOST_FLAGS: ReadonlySet<string> = new Set(['hostNetwork', 'hostPID', 'hostIPC', 'privileged'])
const TOKEN_SOURCES: ReadonlySet<string> = new Set(['serviceAccountToken', 'podCertificate'])
const ACCOUNT_NAMES: ReadonlySet<string> = new Set(['serviceAccountName', 'serviceAccount'])

/** Whether a write brings pods, now or by a template, that run as another service account or are handed a token. */
export function mayTakeIdentity(asked: Asked): boolean {
  return podEscapes(asked).has('identity')
}

/** Whether a write brings pods that share the node's namespaces or file system, or are privileged. */
export function mayReachHost(asked: Asked): boolean {
  return podEscapes(asked).has('host')
}

/**
 * What the body reaches for. Fields are looked for by name wherever they stand, so that whole objects and every kind of patch are read
 * alike. A body that cannot be read counts as reaching for everything.
 */
function podEscapes({ request, body }: Asked): ReadonlySet<PodEscape> {
  if (body === undefined) return BOTH
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  switch (request.contentType) {
    case 'application/vnd.kubernetes.protobuf':
      return podEscapesInProtobuf(request.info.resource, bytes) ?? BOTH
    case '':
    case 'application/json':
    case 'application/merge-patch+json':
    case 'application/strategic-merge-patch+json':
      return inObject(readJson(bytes))
    case 'application/json-patch+json':
      return inJsonPatch(readJson(bytes))
    case 'application/yaml':
    case 'application/apply-patch+yaml':
      return inObject(readJson(bytes) ?? readYaml(bytes))
    default:
      return BOTH
  }
}

function inObject(object: unknown): ReadonlySet<PodEscape> {
  if (typeof object !== 'object' || object === null) return BOTH
  const found = new Set<PodEscape>()
  return walk(object, found, 0) ? found : BOTH
}

/** RFC 6902: the path's segments are field names too, the last one with the value. */
function inJsonPatch(patch: unknown): ReadonlySet<PodEscape> {
  if (!Array.isArray(patch)) return BOTH
  const found = new Set<PodEscape>()
  for (const step of patch as readonly unknown[]) {
    if (typeof step !== 'object' || step === null) return BOTH
    const { op, path, value } = step as { readonly op?: unknown; readonly path?: unknown; readonly value?: unknown }
    // copy and move bring values from places that the API server alone can see.
    if (typeof path !== 'string' || op === 'copy' || op === 'move') return BOTH
    if (op === 'remove' || op === 'test') continue
    const names = path.split('/').map(segment => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = names.pop() ?? ''
    for (const name of names) note(name, {}, found)
    if (!walk({ [last]: value }, found, 0)) return BOTH
  }
  return found
}

/** False when it is too deep to be read. */
function walk(node: object, found: Set<PodEscape>, depth: number): boolean {
  if (depth > MAX_DEPTH) return false
  for (const [name, value] of Object.entries(node)) {
    note(name, value, found)
    if (typeof value === 'object' && value !== null && !walk(value, found, depth + 1)) return false
  }
  return true
}

function note(name: string, value: unknown, found: Set<PodEscape>): void {
  const isThere = value !== null && value !== undefined
  if (HOST_FLAGS.has(name) && isThere && value !== false) found.add('host')
  if (name === 'hostPath' && isThere) found.add('host')
  if (TOKEN_SOURCES.has(name) && isThere) found.add('identity')
  if (ACCOUNT_NAMES.has(name) && isThere && value !== '' && value !== 'default') found.add('identity')
}
