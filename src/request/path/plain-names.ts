import type { RequestInfo } from '../api-request.ts'
import { type Refused, refuse } from '../refuse.ts'

const PLAIN = /^[\x20-\x7e]*$/
const ASCII = /[\x20-\x7e]/
/** Look like a slash and are none. */
const SLASHES = /[\u2044\u2215\u2571\u27cb\u29f8]/

/** The only kinds whose names are not those of DNS: any text without a slash or a percent sign. */
const NAMED_FREELY: ReadonlySet<string> = new Set(['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'])

/**
 * Refuses letters that nothing of the cluster can have in its name: they would only show people, and the record, something else than
 * what is asked for.
 */
export function refuseLetters(info: RequestInfo): Refused | null {
  const { apiGroup, apiVersion, namespace, resource, subresource, name } = info
  if (![apiGroup, apiVersion, namespace, resource, subresource].every(part => PLAIN.test(part))) {
    return refuse('odd-path', 'letters beyond ASCII in a group, namespace or resource')
  }
  if (PLAIN.test(name)) return null
  const free = apiGroup === 'rbac.authorization.k8s.io' && NAMED_FREELY.has(resource)
  return free && !isDisguised(name) ? null : refuse('odd-path', 'letters in a name that it cannot have')
}

/** Whether another reader, who folds letters that look alike, would see ASCII. */
function isDisguised(name: string): boolean {
  return [...name].some(letter => !PLAIN.test(letter) && (SLASHES.test(letter) || ASCII.test(letter.normalize('NFKC'))))
}
