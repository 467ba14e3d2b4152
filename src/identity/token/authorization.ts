import { headerValues } from '../../request/headers.ts'
import type { HeaderLine } from '../../request/http-request.ts'

export type Authorization =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'none'; readonly reason: 'no-credential' | 'bad-token'; readonly detail: string }

/** RFC 6750's b64token; the scheme's name is case-insensitive (RFC 9110, 11.1). */
const BEARER = /^bearer +([\w.~+/-]+=*)$/i

/** The bearer token of a request: from exactly one Authorization header, or none. */
export function fromAuthorization(headers: readonly HeaderLine[]): Authorization {
  const values = headerValues(headers, 'authorization')
  const [value] = values
  if (value === undefined) return { kind: 'none', reason: 'no-credential', detail: '' }
  if (values.length > 1) return { kind: 'none', reason: 'bad-token', detail: 'more than one Authorization header' }
  const token = BEARER.exec(value)?.[1]
  if (token === undefined)
    return { kind: 'none', reason: 'bad-token', detail: 'the Authorization header is not "Bearer" and one token' }
  return { kind: 'token', token }
}
