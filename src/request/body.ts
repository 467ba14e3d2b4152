import { headerValues } from './headers.ts'
import type { HttpRequest } from './http-request.ts'
import { isRead } from './needs/routes.ts'
import { type Refused, refuse } from './refuse.ts'

/**
 * Refuses a body that nobody would judge: on reads and upgrades any, elsewhere one that the route kept from us. Null when what was
 * sent is what is here.
 */
export function refuseBody(http: HttpRequest, upgraded: boolean): Refused | null {
  const [length] = headerValues(http.headers, 'content-length')
  const declared = length === undefined ? 0 : Number(length)
  const chunked = headerValues(http.headers, 'transfer-encoding').length > 0
  if (chunked && length !== undefined) return refuse('unexpected-body', 'both content-length and transfer-encoding')
  if (isRead(http.method) || upgraded) {
    const none = http.body.length === 0 && declared === 0 && !chunked
    return none ? null : refuse('unexpected-body', upgraded ? 'an upgrade has no body' : `${http.method} has no body`)
  }
  if (length !== undefined && declared !== http.body.length) {
    return refuse('unexpected-body', 'content-length says otherwise than the body that came')
  }
  return null
}

/** Media type without parameters, lower case; '' when none is named. */
export function mediaType(http: HttpRequest): string {
  const [value = ''] = headerValues(http.headers, 'content-type')
  return value.split(';', 1).join('').trim().toLowerCase()
}
