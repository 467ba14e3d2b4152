import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'

/**
 * `__Host-`: only this very host sets them, over TLS, for all of it (RFC 6265bis 4.1.3), so a neighbour plants none. Lax and not Strict:
 * who follows a link to a question from a message is still signed in, and what changes anything wants a form's token besides.
 */
const OPTIONS = { prefix: 'host', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const

const NAMES = { session: 'leasegate-session', attempt: 'leasegate-sign-in' } as const
type Kind = keyof typeof NAMES

export function readCookie(context: Context, kind: Kind): string {
  return getCookie(context, NAMES[kind], 'host') ?? ''
}

export function writeCookie(context: Context, kind: Kind, value: string, maxAgeMs: number): void {
  setCookie(context, NAMES[kind], value, { ...OPTIONS, maxAge: Math.floor(maxAgeMs / 1000) })
}

export function dropCookie(context: Context, kind: Kind): void {
  deleteCookie(context, NAMES[kind], OPTIONS)
}
