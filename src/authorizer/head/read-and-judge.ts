import type { Lease } from '../../lease/lease.ts'
import { judgeSent } from '../../policy/judge/judge-sent.ts'
import type { Verdict } from '../../policy/judge/verdict.ts'
import type { Policy } from '../../policy/policy.ts'
import type { HttpRequest } from '../../request/http-request.ts'
import { readRequest } from '../../request/read-request.ts'
import { Looks } from '../../request/reading/looks.ts'
import type { Holder } from '../holder.ts'
import type { Known } from '../settle.ts'
import { type KnownHead, knownHead } from './known-heads.ts'
import { keepSaid, kindOf, oneOf, type Said, saidBefore } from './said.ts'

/**
 * How the request is read, and what the policy says to it. What is asked again in the same words under the same lease and policy has the same
 * answer, and is not worked out anew; nor is what differs from it by nothing that anybody looked at. Whether the lease is still live, and has
 * anything left, is the store's to say each time.
 */
export function readAndJudge(http: HttpRequest, known: Known, holder: Holder, policy: Policy): Verdict {
  known.said = null
  const head = holder.above.length === 0 ? knownHead(http) : null
  if (head === null) return readAnew(http, known, holder, policy)
  known.request = head.request
  known.said = saidTo(http, head, holder.lease, policy)
  return known.said.verdict
}

function saidTo(http: HttpRequest, head: KnownHead, lease: Lease, policy: Policy): Said {
  const { source } = http
  const kind = kindOf(head, lease)
  const ofKind = kind === null ? null : saidBefore(kind, lease, policy, source)
  if (ofKind?.isOfOne === false) return ofKind
  if (kind !== null && ofKind === null) {
    const said = judged(http, head, lease, policy)
    keepSaid(kind, said)
    return said
  }
  const one = oneOf(head, lease)
  const before = saidBefore(one, lease, policy, source)
  if (before !== null) return before
  const verdict = judgeSent({ request: head.request, source, lease, policy })
  const said = { lease, policy, source, verdict, isOfOne: true }
  keepSaid(one, said)
  return said
}

/** Judged by a reading that tells whether somebody looks at which object it is about. */
function judged(http: HttpRequest, { lines, request }: KnownHead, lease: Lease, policy: Policy): Said {
  const { source } = http
  const looks = new Looks()
  const read = readRequest(http, lines.lines, looks)
  const asked = read.kind === 'read' ? read.request : request
  const verdict = judgeSent({ request: asked, source, lease, policy })
  return { lease, policy, source, verdict, isOfOne: looks.atName || read.kind !== 'read' }
}

function readAnew(http: HttpRequest, known: Known, { lease, above }: Holder, policy: Policy): Verdict {
  const read = readRequest(http)
  if (read.kind === 'read') known.request = read.request
  else known.refusedAs = read.info ?? null
  if (read.kind !== 'read') return { kind: 'deny', reason: read.reason, detail: read.detail, risk: null }
  return judgeSent({ request: read.request, source: http.source, lease, above, policy })
}
