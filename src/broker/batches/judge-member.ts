import type { Ask } from '../../approval/ask.ts'
import { askUnder } from '../../approval/ask-under.ts'
import { summarise } from '../../approval/question/summary.ts'
import { aboutOf } from '../../approval/subject.ts'
import type { Lease } from '../../lease/lease.ts'
import { judgeSent } from '../../policy/judge/judge-sent.ts'
import type { DenyReason } from '../../policy/judge/verdict.ts'
import type { Policy } from '../../policy/policy.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import type { HttpRequest } from '../../request/http-request.ts'
import { isStreamTarget } from '../../request/needs/connect.ts'
import { readAnywhere } from '../../request/read-request.ts'
import { printable } from '../../support/text/printable.ts'

/** A request that an agent says it is going to send: nothing in it is believed but what would be of the request itself. */
export type Foreseen = Pick<HttpRequest, 'method' | 'target' | 'body'> & { readonly contentType: string }

export interface Judged {
  /** One line, safe to show. */
  readonly summary: string
  readonly http: HttpRequest
  /** Of one object that is there, verb and object as a hash; null for what has no name yet. */
  readonly about: string | null
  readonly verdict:
    | { readonly kind: 'allowed' }
    | { readonly kind: 'denied'; readonly reason: DenyReason; readonly detail: string }
    | { readonly kind: 'asks'; readonly ask: Ask }
}

/** Under what it would be sent: from the address, it is taken, that it is told from. */
export interface Under {
  readonly lease: Lease
  /** What it was narrowed from, root first; null: cannot be read. */
  readonly above: readonly (Lease | null)[]
  readonly policy: Policy
  readonly source: string
}

/** What the authorizer would say to it, by the same reader, the same conditions, the same judge and the same question; nothing of the store. */
export function judgeMember(foreseen: Foreseen, under: Under): Judged {
  const { method, target, body, contentType } = foreseen
  const headers = contentType === '' ? [] : ([['content-type', contentType]] as const)
  const http: HttpRequest = { id: '', method, target, headers, body, route: null, source: under.source }
  const read = readAnywhere(http)
  if (read.kind === 'refused') {
    const summary = printable(`${method} ${target}`).slice(0, 200)
    return { summary, http, about: null, verdict: denied(read.reason, read.detail) }
  }
  const { request } = read
  const about = request.info.name === '' ? null : aboutOf(request)
  return { summary: summarise(request).slice(0, 400), http, about, verdict: verdictOn(request, body, under) }
}

function verdictOn(request: ApiRequest, body: Uint8Array, { lease, above, policy, source }: Under): Judged['verdict'] {
  const isWrite = request.routes.includes('write') && request.upgrade === null && !isStreamTarget(request.info)
  if (!isWrite)
    return denied('cannot-be-asked', 'what is planned together are writes; ask about this one by sending it')
  const verdict = judgeSent({ request, source, lease, above, policy })
  if (verdict.kind === 'allow') return { kind: 'allowed' }
  if (verdict.kind === 'deny') return denied(verdict.reason, verdict.detail)
  const asked = askUnder(policy, { request, body, lease, above, verdict })
  return asked.kind === 'ask' ? { kind: 'asks', ask: asked } : denied('cannot-be-asked', asked.why)
}

function denied(reason: DenyReason, detail: string): Judged['verdict'] {
  return { kind: 'denied', reason, detail }
}
