import type { Lease } from '../../lease/lease.ts'
import { judgeSent } from '../../policy/judge/judge-sent.ts'
import type { Verdict } from '../../policy/judge/verdict.ts'
import type { Policy } from '../../policy/policy.ts'
import type { HttpRequest } from '../../request/http-request.ts'
import { readRequest } from '../../request/read-request.ts'
import type { Holder } from '../holder.ts'
import type { Known } from '../settle.ts'
import { knownHead, type Said } from './known-heads.ts'

/**
 * How the request is read, and what the policy says to it. What is asked again in the same words under the same lease and policy has the same
 * answer, and is not worked out anew; whether the lease is still live, and has anything left, is the store's to say each time.
 */
export function readAndJudge(http: HttpRequest, known: Known, holder: Holder, policy: Policy): Verdict {
  const { lease, above } = holder
  const { source } = http
  known.said = null
  const head = above.length === 0 ? knownHead(http, policy) : null
  if (head === null) return readAnew(http, known, holder, policy)
  known.request = head.request
  const { said } = head
  if (said !== null && isOf(said, lease, policy, source)) {
    known.said = said
    return said.verdict
  }
  const verdict = judgeSent({ request: head.request, source, lease, above, policy })
  head.said = { lease, policy, source, verdict }
  return verdict
}

function isOf(said: Said, lease: Lease, policy: Policy, source: string): boolean {
  return said.lease === lease && said.policy === policy && said.source === source
}

function readAnew(http: HttpRequest, known: Known, { lease, above }: Holder, policy: Policy): Verdict {
  const read = readRequest(http)
  if (read.kind === 'read') known.request = read.request
  else known.refusedAs = read.info ?? null
  if (read.kind !== 'read') return { kind: 'deny', reason: read.reason, detail: read.detail, risk: null }
  return judgeSent({ request: read.request, source: http.source, lease, above, policy })
}
