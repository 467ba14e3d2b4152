import { httpCall, whyUnreachable } from '../../support/net/http-call.ts'
import type { Endpoint } from './parts.ts'

const WITHIN_MS = 15_000
const MAX_ANSWER = 33_554_432

/** One request to try. */
export interface Wanted {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly body?: string
}

/** What came back; status 0 when nothing did. */
export interface Attempt extends Wanted {
  readonly status: number
  /** '' when the answer names none. */
  readonly auditId: string
  readonly text: string
  /** Why nothing came back. */
  readonly failure: string
}

/** Sends it with this token, or with none. Never rejects: that nothing answers is something to see, too. */
export async function attempt({ server, ca }: Endpoint, token: string | null, wanted: Wanted): Promise<Attempt> {
  const { method, target, body = '' } = wanted
  const headers = {
    accept: 'application/json',
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...(body === '' ? {} : { 'content-type': 'application/json' }),
  }
  const call = { method, url: `${server}${target}`, headers, body, ca, withinMs: WITHIN_MS, maxBytes: MAX_ANSWER }
  try {
    const answer = await httpCall(call)
    const auditId = answer.headers['audit-id']
    return {
      ...wanted,
      status: answer.status,
      auditId: typeof auditId === 'string' ? auditId : '',
      text: answer.text,
      failure: '',
    }
  } catch (error) {
    return { ...wanted, status: 0, auditId: '', text: '', failure: whyUnreachable(error) }
  }
}

/** `GET /api/v1/pods → 403 out-of-scope`. */
export function show({ method, target, status, text, failure }: Attempt): string {
  return `${method} ${target} → ${status === 0 ? failure : `${status}${reasonIn(text)}`}`
}

/** The reason of a denial, as the boundary's Status has it. */
export function reasonIn(text: string): string {
  const reason = statusOf(text)?.details?.causes?.[0]?.reason
  return typeof reason === 'string' ? ` ${reason}` : ''
}

interface Status {
  readonly details?: { readonly causes?: readonly { readonly reason?: unknown }[] }
}

function statusOf(text: string): Status | null {
  if (!text.startsWith('{')) return null
  try {
    return JSON.parse(text) as Status
  } catch {
    return null
  }
}
