import { isDeepStrictEqual } from 'node:util'
import type { HttpRequest } from '../../src/request/http-request.ts'
import { readAnywhere } from '../../src/request/read-request.ts'
import type { Answer } from '../support/go-oracle.ts'

export type Compared =
  | { readonly kind: 'same' }
  /** Stricter than the API server, which is always allowed. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'different'; readonly why: string }

/** Our reading beside the API server's: a request that is read must be read the same. */
export function compare(http: HttpRequest, answer: Answer): Compared {
  const read = readAnywhere(http)
  if (read.kind === 'refused') return { kind: 'refused' }
  const same = answer.error === undefined && isDeepStrictEqual({ ...read.request.info }, answer)
  if (same) return { kind: 'same' }
  const lines = [`${http.method} ${http.target}`, JSON.stringify(read.request.info), JSON.stringify(answer)]
  return { kind: 'different', why: lines.join('\n') }
}
