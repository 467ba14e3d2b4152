import { CHANGES, type Change } from '../../lease/questions/risk-rule.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import { beyondFields } from '../../request/fields/beyond-fields.ts'
import type { Step } from '../../request/object/json-patch.ts'
import { isImageName } from '../pods/fields-of-others.ts'
import { BUILT_IN_GROUPS, bringsPods } from '../pods/pod-kinds.ts'
import { actsBy } from './acting-notes.ts'

const STRATEGIC = 'application/strategic-merge-patch+json'
const MERGE = 'application/merge-patch+json'

/** Everything that is read of a body comes by here once for each request, however many rules ask. */
const known = new WeakMap<ApiRequest, ReadonlySet<Change>>()

/**
 * What a request may change: what its body names, takes away or writes over. A PUT, an apply and a body that cannot be read may change
 * anything that such an object has.
 */
export function mayChange(request: ApiRequest): ReadonlySet<Change> {
  const before = known.get(request)
  if (before !== undefined) return before
  const changes = new Set(CHANGES.filter(change => (change === 'deletes' ? deletes(request) : writes(request, change))))
  known.set(request, changes)
  return changes
}

const ONLY: Readonly<Record<string, readonly string[]>> = {
  annotations: ['metadata', 'annotations'],
  labels: ['metadata', 'labels'],
  replicas: ['spec', 'replicas'],
}

/**
 * Whether a patch is seen to change these and nothing beside. An annotation or a label by which a program may do something is more than one, and so
 * are all of them at once. By those of these prefixes, as the policy says, none does.
 */
export function changesOnly(
  request: ApiRequest,
  changes: readonly Change[],
  ownPrefixes: readonly string[] = [],
): boolean {
  const isActing: Place = ([first, second, name], whole) => {
    if (first !== 'metadata' || (second !== 'annotations' && second !== 'labels')) return false
    return name === undefined ? whole : actsBy(request.info, { in: second, name }, ownPrefixes)
  }
  const fields = changes.flatMap(change => (ONLY[change] === undefined ? [] : [ONLY[change]]))
  return (
    beyondFields(
      request,
      fields.map(path => ({ path, limit: null })),
    ) === null && !touches(request, isActing)
  )
}

function deletes({ info, verbs }: ApiRequest): boolean {
  const evicts = info.resource === 'pods' && info.subresource === 'eviction' && info.verb === 'create'
  return evicts || info.verb === 'deletecollection' || info.verb === 'delete' || verbs.includes('delete')
}

/** `value` where one is written there. */
type Place = (path: readonly string[], whole: boolean, value?: unknown) => boolean

function writes(request: ApiRequest, change: Exclude<Change, 'deletes'>): boolean {
  const { info } = request
  if (!info.isResourceRequest || !['create', 'update', 'patch'].includes(info.verb)) return false
  if ((change === 'image' || change === 'env') && bringsPods(info) === 'no') return false
  return touches(request, placeOf(change, BUILT_IN_GROUPS.has(info.apiGroup)))
}

/** `isBuiltIn`: then it is known what leads to a container. In kinds of others anything may. */
function placeOf(change: Exclude<Change, 'deletes'>, isBuiltIn: boolean): Place {
  switch (change) {
    case 'annotations':
    case 'labels':
      return ([first, second], whole) =>
        (first === undefined && whole) ||
        (first === 'metadata' && (second === change || (second === undefined && whole)))
    case 'image':
      return (path, whole) =>
        isOfObject(path) && (hasImage(path, isBuiltIn) || (whole && (!isBuiltIn || leadsToPods(path))))
    case 'env':
      return (path, whole) =>
        isOfObject(path) &&
        (path.includes('env') || path.includes('envFrom') || (whole && (!isBuiltIn || leadsToPods(path))))
    case 'replicas':
      return (path, whole, value) =>
        isOfObject(path) &&
        (path.some(name => COUNTS.has(name)) ||
          (whole && (!isBuiltIn || isSpec(path))) ||
          (!isBuiltIn && mayCount(path, value)))
  }
}

/** By which kinds of others say whether, and how many, there shall be. */
const SWITCHES =
  /suspend|pause|stop|shut|hibernat|enable|disable|active|running|strategy|power|standby|replica|instance|count|size|member|scale|node/i

/** Each operator calls it otherwise: a number may be how many there are, and so may what is called so. */
function mayCount(path: readonly string[], value: unknown): boolean {
  if (typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value))) return true
  return SWITCHES.test(path.findLast(name => name !== '*') ?? '')
}

/** How many there are: of a Job that is suspended none, of a scaler as many as it may have. */
const COUNTS: ReadonlySet<string> = new Set([
  'replicas',
  'parallelism',
  'completions',
  'suspend',
  'ordinals',
  'minReplicas',
  'maxReplicas',
  'instances',
])

function hasImage(path: readonly string[], isBuiltIn: boolean): boolean {
  return path.includes('image') || (!isBuiltIn && path.some(isImageName))
}

const ASIDE: ReadonlySet<string> = new Set(['metadata', 'status', 'apiVersion', 'kind'])
const TO_PODS = /^(?:spec|template|jobTemplate|containers|initContainers|ephemeralContainers|volumes|\*|-|\d+)$/

function isOfObject([first]: readonly string[]): boolean {
  return first === undefined || !ASIDE.has(first)
}

function leadsToPods(path: readonly string[]): boolean {
  return path.every(name => TO_PODS.test(name))
}

function isSpec(path: readonly string[]): boolean {
  return path.length === 0 || (path.length === 1 && path[0] === 'spec')
}

/** Whether a write reaches such a place: `whole` where all that is below is written over. True of what cannot be read. */
function touches({ info, contentType, object }: ApiRequest, place: Place): boolean {
  if (info.verb === 'update') return true
  switch (object.kind) {
    case 'none':
      return false
    case 'protobuf':
    case 'unreadable':
      return true
    case 'steps':
      return object.steps.some(step => inStep(step, place))
    case 'plain': {
      if (info.verb === 'create') return inValue(object.value, [], false, place)
      // An apply gives up what it no longer says.
      if (contentType !== STRATEGIC && contentType !== MERGE) return true
      return inValue(object.value, [], contentType === MERGE, place)
    }
  }
}

/** copy and move bring what the API server alone can see. */
function inStep({ op, path, value }: Step, place: Place): boolean {
  if (op === 'test') return false
  return op === 'copy' || op === 'move' || place(path, true) || inValue(value, [...path], true, place)
}

/** `path` is where the value stands, and is as before in the end. */
function inValue(value: unknown, path: string[], replacesLists: boolean, place: Place): boolean {
  if (typeof value !== 'object' || value === null) return place(path, value === null, value)
  const isList = Array.isArray(value)
  if (isList && (replacesLists || value.length === 0) && place(path, true)) return true
  for (const [name, member] of Object.entries(value)) {
    if (!isList && name.startsWith('$')) {
      // kubectl says the order of every list that it patches.
      if (!name.startsWith('$setElementOrder/') && place(path, true)) return true
      continue
    }
    path.push(isList ? '*' : name)
    const isThere = inValue(member, path, replacesLists, place)
    path.pop()
    if (isThere) return true
  }
  return false
}
