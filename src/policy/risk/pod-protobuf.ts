import { type Fields, messagesAt } from '../../request/object/protobuf.ts'
import type { PodEscape } from './pod-escape.ts'

/** Where the PodSpec stands in each kind: field numbers of k8s.io/api's generated.proto, 1.36. */
const POD_SPEC: Readonly<Record<string, readonly number[]>> = {
  pods: [2],
  podtemplates: [2, 2],
  replicationcontrollers: [2, 3, 2],
  deployments: [2, 3, 2],
  replicasets: [2, 3, 2],
  statefulsets: [2, 3, 2],
  daemonsets: [2, 2, 2],
  jobs: [2, 6, 2],
  cronjobs: [2, 5, 2, 6, 2],
}

const SERVICE_ACCOUNT_NAMES = [8, 9]
const HOST_FLAGS = [11, 12, 13]
const HOST_PATH = [1, 2, 1]
const TOKEN_SOURCES = [
  [1, 2, 26, 1, 4],
  [1, 2, 26, 1, 6],
]
const SECURITY_CONTEXTS = [
  [2, 15],
  [20, 15],
  [34, 1, 15],
]
const PRIVILEGED = 2

/** What a pod in an object of this resource would reach for; null when the object cannot be read. */
export function podEscapesInProtobuf(resource: string, object: Fields): ReadonlySet<PodEscape> | null {
  const path = POD_SPEC[resource]
  if (path === undefined) return null
  const specs = messagesAt(object, path)
  return specs === null ? null : escapesOf(object, path, specs)
}

function escapesOf(object: Fields, path: readonly number[], specs: readonly Fields[]): ReadonlySet<PodEscape> | null {
  const at = (steps: readonly number[]) => messagesAt(object, [...path, ...steps])
  const [hostPaths, contexts, tokens] = [at(HOST_PATH), all(SECURITY_CONTEXTS.map(at)), all(TOKEN_SOURCES.map(at))]
  if (hostPaths === null || contexts === null || tokens === null) return null
  const found = new Set<PodEscape>()
  if (tokens.length > 0 || specs.some(namesAccount)) found.add('identity')
  const flags = specs.some(spec => HOST_FLAGS.some(flag => isSet(spec, flag)))
  if (hostPaths.length > 0 || flags || contexts.some(context => isSet(context, PRIVILEGED))) found.add('host')
  return found
}

function all(lists: readonly (readonly Fields[] | null)[]): readonly Fields[] | null {
  return lists.some(list => list === null) ? null : lists.flatMap(list => list ?? [])
}

function namesAccount(spec: Fields): boolean {
  const names = SERVICE_ACCOUNT_NAMES.flatMap(field => spec.get(field) ?? [])
  return names.some(name => typeof name === 'number' || !['', 'default'].includes(Buffer.from(name).toString('utf8')))
}

function isSet(message: Fields, field: number): boolean {
  return (message.get(field) ?? []).some(value => value !== 0)
}
