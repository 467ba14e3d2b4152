import type { RequestInfo } from '../../request/api-request.ts'

const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt'
const WHERE_RESTARTED = ['spec', 'template', 'metadata', 'annotations', RESTARTED_AT]
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)?$/

/** kubectl debug without --container (pkg/cmd/debug), with the letters of k8s.io/apimachinery/pkg/util/rand. */
const DEBUGGER = /^debugger-[bcdfghjklmnpqrstvwxz2456789]{5}$/
const CONTAINERS: ReadonlySet<string> = new Set([
  ...['containers', 'ephemeralContainers', '$setElementOrder/containers', '$setElementOrder/ephemeralContainers'],
])

/** Neither can be sent: the first is no time, and the second no name of a container. */
const NOW = '(when it is sent)'
const ANY_NAME = 'debugger-(any)'

/**
 * An object as it is but for what clients make anew for each call, and of which nothing depends: when `kubectl rollout restart` says that
 * it was, in the one annotation that is there for it, and how `kubectl debug` calls a container that nobody named.
 */
export function withoutInvented(info: RequestInfo, value: unknown): unknown {
  if (info.verb === 'patch' && info.apiGroup === 'apps' && info.subresource === '')
    return restarted(value, WHERE_RESTARTED)
  const { apiGroup, resource, subresource, verb } = info
  if (apiGroup !== '' || resource !== 'pods') return value
  const adds = verb === 'create' ? subresource === '' : verb === 'patch' && subresource === 'ephemeralcontainers'
  return adds ? withoutName(value) : value
}

function restarted(value: unknown, [name, ...below]: readonly string[]): unknown {
  if (name === undefined) return typeof value === 'string' && TIME.test(value) ? NOW : value
  return isObject(value) && Object.hasOwn(value, name) ? { ...value, [name]: restarted(value[name], below) } : value
}

/** Only where the name is that of one container, and stands nowhere else: what refers to it would then refer to another. */
function withoutName(value: unknown): unknown {
  if (!isObject(value) || !isObject(value['spec'])) return value
  const spec = value['spec']
  const listed = Object.entries(spec).filter(([name]) => CONTAINERS.has(name))
  const names = listed.filter(([name]) => !name.startsWith('$')).flatMap(([, list]) => debuggers(list))
  const [name] = names
  if (name === undefined || names.length > 1) return value
  const lists = Object.fromEntries(listed.map(([key, list]) => [key, renamed(list, name)]))
  const made = { ...value, spec: { ...spec, ...lists } }
  return JSON.stringify(made).includes(name) ? value : made
}

function debuggers(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return []
  const names = list.map(each => (isObject(each) ? each['name'] : undefined))
  return names.filter(name => typeof name === 'string').filter(name => DEBUGGER.test(name))
}

function renamed(list: unknown, name: string): unknown {
  if (!Array.isArray(list)) return list
  return list.map(each => (isObject(each) && each['name'] === name ? { ...each, name: ANY_NAME } : each))
}

/** Members in the order of their names; the depth is that which the reader of bodies lets through. */
export function sortedMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedMembers)
  if (!isObject(value)) return value
  const members = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(members.map(([name, member]) => [name, sortedMembers(member)]))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
