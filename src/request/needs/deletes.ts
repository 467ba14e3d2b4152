import type { ApiRequest, RequestInfo } from '../api-request.ts'
import { decodeText } from '../object/json.ts'
import type { Step } from '../object/json-patch.ts'
import { type Fields, isBytes, messagesAt } from '../object/protobuf/wire.ts'

type Write = Pick<ApiRequest, 'info' | 'object'>

/** A field whose writing lets a controller delete, whoever may delete. */
export interface Deleting {
  readonly path: readonly string[]
  /** The same in protobuf (k8s.io/api, generated.proto of 1.36): the message, and the field in it. */
  readonly message: readonly number[]
  readonly field: number
  /** Values that delete nothing; what is not there is one. */
  readonly harmless: (value: unknown) => boolean
}

/** The garbage collector deletes what has owners that are gone; an object that is to go goes with its last finalizer. */
const OWNERS: Deleting = { path: ['metadata', 'ownerReferences'], message: [1], field: 13, harmless: () => false }
const FINALIZERS: Deleting = { path: ['metadata', 'finalizers'], message: [1], field: 14, harmless: () => false }
/** A CronJob that replaces deletes the Job that runs. */
const REPLACES: Deleting = {
  path: ['spec', 'concurrencyPolicy'],
  message: [2],
  field: 3,
  harmless: value => value !== 'Replace',
}
const TTL: Deleting = { path: ['spec', 'ttlSecondsAfterFinished'], message: [2], field: 8, harmless: () => false }
/** A Job that runs ends with it, and takes its pods along. */
const DEADLINE: Deleting = { path: ['spec', 'activeDeadlineSeconds'], message: [2], field: 3, harmless: () => false }
/** The kubelet stops a pod that runs. */
const POD_DEADLINE: Deleting = { ...DEADLINE, field: 5 }
/** Claims of the same names are taken over by a new set as well, with the data in them. */
const CLAIMS: readonly Deleting[] = ['whenDeleted', 'whenScaled'].map((when, at) => ({
  path: ['spec', 'persistentVolumeClaimRetentionPolicy', when],
  message: [2, 10],
  field: at + 1,
  harmless: value => value === 'Retain',
}))

/**
 * Whether a write may have something deleted that is there already: then a lease must grant delete as well. A new object goes with its
 * owner or after its time, and takes nothing with it. A body that cannot be read may say anything.
 */
export function mayDelete(write: Write): boolean {
  return deletingFields(write.info).some(field => writes(write, field))
}

function deletingFields({ isResourceRequest, verb, apiGroup, resource }: RequestInfo): readonly Deleting[] {
  if (!isResourceRequest) return []
  const claims = apiGroup === 'apps' && resource === 'statefulsets' ? CLAIMS : []
  if (verb === 'create') return claims
  if (verb !== 'update' && verb !== 'patch') return []
  // A whole object takes finalizers away by leaving them out, and none by having them: what results is for the admission policies.
  const common = verb === 'update' ? [OWNERS] : [OWNERS, FINALIZERS]
  const pods = apiGroup === '' && resource === 'pods' && verb === 'patch' ? [POD_DEADLINE] : []
  return [...common, ...(apiGroup === 'batch' ? ofJobs(resource, verb) : pods), ...claims]
}

function ofJobs(resource: string, verb: string): readonly Deleting[] {
  if (resource === 'cronjobs') return [REPLACES]
  if (resource !== 'jobs') return []
  return verb === 'update' ? [TTL] : [TTL, DEADLINE]
}

/** Whether a write says something of the field that may delete. */
export function writes({ info, object }: Write, field: Deleting): boolean {
  switch (object.kind) {
    case 'none':
      return false
    case 'unreadable':
      return true
    case 'plain':
      return info.verb === 'patch' ? inMerge(object.value, field, field.path) : inWhole(object.value, field, field.path)
    case 'steps':
      return object.steps.some(step => inStep(step, field))
    case 'protobuf':
      return inProtobuf(object.fields, field)
  }
}

/** What is not in a whole object is not written; an empty list is as good as none. */
function inWhole(node: unknown, { harmless }: Deleting, path: readonly string[]): boolean {
  const value = path.reduce<unknown>((at, name) => (isObject(at) ? own(at, name) : at), node)
  if (value === undefined || value === null || harmless(value)) return false
  return !Array.isArray(value) || value.length > 0
}

/** A patch writes a field by naming it, also to take it away, by overwriting what is around it, or by a directive of a strategic merge. */
function inMerge(node: unknown, field: Deleting, path: readonly string[]): boolean {
  const [name, ...rest] = path
  if (name === undefined) return !field.harmless(node)
  if (!isObject(node)) return true
  const directives = Object.keys(node).filter(key => key.startsWith('$'))
  if (directives.some(key => !key.includes('/') || key.endsWith(`/${name}`))) return true
  return Object.hasOwn(node, name) && inMerge(own(node, name), field, rest)
}

function inStep({ op, path, from, value }: Step, field: Deleting): boolean {
  if (op === 'test') return false
  if (op === 'move' && meets(from, field.path)) return true
  if (!meets(path, field.path)) return false
  const isAdded = (op === 'add' || op === 'replace') && path.length === field.path.length
  return !isAdded || !field.harmless(value)
}

/** Whether one of them leads to the other. */
function meets(path: readonly string[], other: readonly string[]): boolean {
  return path.every((name, index) => index >= other.length || other[index] === name)
}

function inProtobuf(object: Fields, { message, field, harmless }: Deleting): boolean {
  const messages = messagesAt(object, message)
  if (messages === null) return true
  const values = messages.flatMap(each => each.get(field) ?? [])
  return values.some(value => !harmless(isBytes(value) ? decodeText(value) : value))
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function own(node: object, name: string): unknown {
  return Object.hasOwn(node, name) ? Reflect.get(node, name) : undefined
}
