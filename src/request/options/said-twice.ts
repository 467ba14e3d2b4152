import type { RequestInfo } from '../api-request.ts'
import { isProxy } from '../needs/connect.ts'
import { firstValue, isTrue, type Query } from '../query.ts'
import { type Refused, refuse } from '../refuse.ts'
import { DELETE_OPTIONS, type DeleteOptions, readDeleteOptions } from './delete-options.ts'

interface Deleting {
  readonly info: RequestInfo
  readonly query: Query
  readonly contentType: string
  readonly body: Uint8Array
}

/**
 * Refuses a delete that says one thing in its query and another in its body: the API server believes the body alone (DeleteResource
 * of k8s.io/apiserver), so that a `dryRun=All` in the query would delete. Client libraries say the same in both, or send a body that
 * says nothing of it; what the query alone says is then without effect, as it is without the boundary, unless more would go for it.
 */
export function refuseOptionsTwice({ info, query, contentType, body }: Deleting): Refused | null {
  if (!isDelete(info) || body.length === 0) return null
  const asked = DELETE_OPTIONS.filter(key => (firstValue(query, key) ?? '') !== '')
  if (asked.length === 0) return null
  const said = readDeleteOptions(contentType, body)
  if (said === null) {
    return refuse('body-mismatch', `${asked.join(', ')} in the query, and the options in the body cannot be read`)
  }
  const other = asked.find(key => !agrees(key, query, said))
  if (other === undefined) return null
  return refuse(
    'body-mismatch',
    `${other} is another in the query than in the body, which alone the API server looks at`,
  )
}

/** Whether the body of this request holds options of a delete. */
export function isDelete(info: RequestInfo): boolean {
  return info.isResourceRequest && (info.verb === 'delete' || info.verb === 'deletecollection') && !isProxy(info)
}

/** Of what becomes of those that the object owns: then they go with it, or after it. */
function isSilentOnOthers({ says }: DeleteOptions): boolean {
  return !says.has('propagationPolicy') && !says.has('orphanDependents')
}

function agrees(key: (typeof DELETE_OPTIONS)[number], query: Query, said: DeleteOptions): boolean {
  const value = firstValue(query, key) ?? ''
  switch (key) {
    case 'dryRun':
      return said.dryRun && value === 'All'
    case 'gracePeriodSeconds':
      if (DELETE_OPTIONS.every(option => !said.says.has(option))) return true
      return /^[+-]?\d{1,15}$/.test(value) && Number(value) === said.gracePeriodSeconds
    case 'propagationPolicy':
      return said.propagationPolicy === value || (isSilentOnOthers(said) && value !== 'Orphan')
    case 'orphanDependents':
      return said[key] === isTrue(query, key) || (isSilentOnOthers(said) && !isTrue(query, key))
    default:
      return said[key] === isTrue(query, key) || (!said.says.has(key) && !isTrue(query, key))
  }
}
