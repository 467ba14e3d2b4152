import type { Ask } from '../approval/ask.ts'
import { askUnder } from '../approval/ask-under.ts'
import { MENDED_BY_A_LEASE } from '../denial/denials.ts'
import { toCheckResponse } from '../envoy/to-check-response.ts'
import type { Lease } from '../lease/lease.ts'
import type { Verdict } from '../policy/judge/verdict.ts'
import type { Policy } from '../policy/policy.ts'
import { anotherOption } from '../policy/template/commands/command-options.ts'
import { nextRequests } from '../policy/template/commands/next-requests.ts'
import { waysIn } from '../policy/template/ways-in.ts'
import { clientClaims } from '../request/headers.ts'
import type { HttpRequest } from '../request/http-request.ts'
import { toAnswer } from './answer/to-answer.ts'
import { answerReview } from './review/answer-review.ts'
import type { Standing } from './review/standing.ts'
import { allowedBy, type Known } from './settle.ts'

interface Judged {
  readonly http: HttpRequest
  readonly known: Known
  readonly lease: Lease
  /** Leases that it was narrowed from, root first; null where one cannot be read. */
  readonly above: readonly (Lease | null)[]
  readonly verdict: Verdict
  readonly policy: Policy
  /** Of a question about one's own rights. */
  readonly standing: Standing | null
  /** Told of an answer that cannot be given. */
  readonly onFailure: (error: unknown) => void
}

/** A verdict of which everything that may follow can be said. */
export interface Prepared {
  readonly verdict: Verdict
  /** What an approver is asked; null where nobody is. */
  readonly ask: Ask | null
}

/** Leases whose identity was carried before: what is different from request to request is ours. */
const carried = new WeakSet<Lease>()

/**
 * Makes before the commit what is said after it, the question, the allowing answer and the way in, so that nothing is committed (journaled as
 * allowed, taken from budgets, asked of a human) that cannot be said. What cannot is denied instead.
 */
export function prepare(judged: Judged): Prepared {
  const { verdict, known } = judged
  if (known.request === null) return { verdict, ask: null }
  if (verdict.kind === 'deny') {
    const { lease, above, policy } = judged
    if (!MENDED_BY_A_LEASE.has(verdict.reason)) return { verdict, ask: null }
    const { request } = known
    const { kubectlCommand } = clientClaims(judged.http.headers)
    known.ways = waysIn({ request, lease, above, policy, next: nextRequests(kubectlCommand, request) })
    const instead = anotherOption(kubectlCommand, request)
    return { verdict: instead === '' ? verdict : { ...verdict, instead }, ask: null }
  }
  try {
    if (!carried.has(judged.lease)) toCheckResponse(toAnswer(allowedBy(known, judged.lease, known.request)))
    carried.add(judged.lease)
  } catch (error) {
    judged.onFailure(error)
    return denied('unavailable', 'the identity of this lease cannot be carried', verdict)
  }
  const { http, lease, above, policy } = judged
  if (verdict.kind === 'allow') {
    const { standing } = judged
    if (standing !== null)
      known.review = answerReview({ known, request: known.request, lease, above, policy, standing })
    return { verdict, ask: null }
  }
  const asked = askUnder(policy, { request: known.request, body: http.body, lease, above, verdict })
  return asked.kind === 'ask' ? { verdict, ask: asked } : denied('cannot-be-asked', asked.why, verdict)
}

function denied(reason: 'unavailable' | 'cannot-be-asked', detail: string, { risk, risks }: Verdict): Prepared {
  return { verdict: { kind: 'deny', reason, detail, risk, risks }, ask: null }
}
