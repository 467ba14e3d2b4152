import type { CustomFetch } from 'openid-client'
import { httpCall } from '../../support/net/http-call.ts'

const ASK_MS = 5000
const MAX_BYTES = 1_048_576

/** How an issuer is asked: with its CA, which Node's fetch cannot be given. Follows no redirect. */
export function issuerFetch(ca: string | null): CustomFetch {
  return async (url, { method, headers, body }) => {
    const text = body === undefined || body === null ? '' : String(body)
    const call = { method, url, headers: { ...headers }, body: text, ca, withinMs: ASK_MS, maxBytes: MAX_BYTES }
    const answer = await httpCall(call)
    const type = answer.headers['content-type']
    return new Response(answer.text === '' ? null : answer.text, {
      status: answer.status,
      headers: type === undefined ? {} : { 'content-type': type },
    })
  }
}
