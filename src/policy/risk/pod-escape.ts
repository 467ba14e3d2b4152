import type { Step } from '../../request/object/json-patch.ts'
import type { Asked } from './entry.ts'
import { podEscapesInProtobuf } from './pod-protobuf.ts'

/** `identity`: another service account's token comes within reach. `host`: the node does. */
export type PodEscape = 'identity' | 'host'

const BOTH: ReadonlySet<PodEscape> = new Set(['identity', 'host'])

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
 * What the object reaches for. Fields are looked for by name wherever they stand, so that whole objects and every kind of patch are
 * read alike. An object that cannot be read counts as reaching for everything.
 */
function podEscapes({ request: { object, info } }: Asked): ReadonlySet<PodEscape> {
  switch (object.kind) {
    case 'plain': {
      const found = new Set<PodEscape>()
      walk(object.value, found)
      return found
    }
    case 'steps':
      return inSteps(object.steps)
    case 'protobuf':
      return podEscapesInProtobuf(info.resource, object.fields) ?? BOTH
    case 'none':
    case 'unreadable':
      return BOTH
  }
}

/** The names on the way to what a step writes are names of fields too, the last one with the value. */
function inSteps(steps: readonly Step[]): ReadonlySet<PodEscape> {
  const found = new Set<PodEscape>()
  for (const { op, path, value } of steps) {
    // copy and move bring values from places that the API server alone can see.
    if (op === 'copy' || op === 'move') return BOTH
    if (op === 'remove' || op === 'test') continue
    for (const name of path.slice(0, -1)) note(name, {}, found)
    walk({ [path.at(-1) ?? '']: value }, found)
  }
  return found
}

function walk(node: object, found: Set<PodEscape>): void {
  for (const [name, value] of Object.entries(node)) {
    note(name, value, found)
    if (typeof value === 'object' && value !== null) walk(value, found)
  }
}

function note(name: string, value: unknown, found: Set<PodEscape>): void {
  const isThere = value !== null && value !== undefined
  if (HOST_FLAGS.has(name) && isThere && value !== false) found.add('host')
  if (name === 'hostPath' && isThere) found.add('host')
  if (TOKEN_SOURCES.has(name) && isThere) found.add('identity')
  if (ACCOUNT_NAMES.has(name) && isThere && value !== '' && value !== 'default') found.add('identity')
}
