import type { MiddlewareHandler } from 'hono'
import { StatusError } from '../../http/refusal/status.ts'

/**
 * Nothing from elsewhere, nothing inline, no frame around it (CSP 3). The referrer stays for our own pages: without any, browsers send
 * `Origin: null` with our forms.
 */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; " +
    "base-uri 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
} as const

export function safeHeaders(): MiddlewareHandler {
  return async (context, next) => {
    await next()
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value)
  }
}

/**
 * Only under its own name, so a name that leads here by DNS opens nothing. What changes anything comes from a page of ours: browsers say
 * so in `Origin` with every POST, and it is refused without.
 */
export function ownOrigin(origin: string): MiddlewareHandler {
  const { host } = new URL(origin)
  return async (context, next) => {
    if (context.req.header('host') !== host) throw new StatusError(404, `the console is at ${origin}/console`)
    const { method } = context.req
    if (method !== 'GET' && method !== 'HEAD') {
      const site = context.req.header('sec-fetch-site') ?? 'same-origin'
      if (context.req.header('origin') !== origin || site !== 'same-origin')
        throw new StatusError(403, 'this did not come from a page of the console')
    }
    return next()
  }
}
