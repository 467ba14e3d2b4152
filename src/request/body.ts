import type { HttpRequest } from './http-request.ts'
import type { Lines } from './lines.ts'
import { isRead } from './needs/routes.ts'
import { type Refused, refuse } from './refuse.ts'

/**
 * Refuses a body that nobody would judge: on reads and upgrades any, elsewhere one that the route kept from us. Null when what was
 * sent is what is here.
 */
export function refuseBody(http: HttpRequest, lines: Lines, upgraded: boolean): Refused | null {
  const { length, isChunked: chunked } = lines
  const declared = length === undefined ? 0 : Number(length)
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
