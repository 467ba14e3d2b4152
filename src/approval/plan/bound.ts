import type { RequestInfo } from '../../request/api-request.ts'
import { textAt } from './look/json.ts'

export const UNBOUND = 'a yes is for whatever is there by then: the API server will compare it with nothing'

/** Whether the API server compares at all: of what its admission is made of it asks no admission policy. */
export function isCompared({ apiGroup }: Pick<RequestInfo, 'apiGroup'>, bound: string): boolean {
  return bound !== '' && apiGroup !== 'admissionregistration.k8s.io'
}

/** One object in its version; '' where that is not known. */
export function wordOf(object: unknown): string {
  const uid = textAt(object, 'metadata', 'uid')
  return uid === '' ? '' : `${uid}@${textAt(object, 'metadata', 'resourceVersion')}`
}
