import { type EnvoyAdmin, envoyAdmin } from '../../../companion/envoy-admin.ts'
import { httpCall } from '../../../support/net/http-call.ts'

const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost):\d{1,5}\/?$/
const [WITHIN_MS, MAX_BYTES] = [5000, 16_777_216]

/** `unix:PATH`, a path, or `http://127.0.0.1:PORT`; null: neither, since nobody should reach it over a network. */
export function adminAt(address: string): EnvoyAdmin | null {
  if (LOOPBACK.test(address)) return overLoopback(address.replace(/\/$/, ''))
  if (/^(?!unix:)[a-z]+:/.test(address)) return null
  return envoyAdmin(address.replace(/^unix:(?:\/\/(?=\/))?/, ''))
}

function overLoopback(base: string): EnvoyAdmin {
  return {
    ask: async (method, path) => {
      const call = { method, url: `${base}${path}`, headers: {}, body: '', ca: null }
      const { status, headers, text } = await httpCall({ ...call, withinMs: WITHIN_MS, maxBytes: MAX_BYTES })
      return { status, contentType: headers['content-type'] ?? '', text }
    },
  }
}
