import type { Denied } from '../../denial/denied.ts'
import type { Lease } from '../../lease/lease.ts'
import type { HttpRequest } from '../../request/http-request.ts'
import { readHead } from '../../request/read-request.ts'
import type { Holder } from '../holder.ts'
import { toCommit } from '../journal/journal.ts'
import { type Known, refused, settled } from '../settle.ts'
import type { Surroundings } from '../surroundings.ts'
import { waitedFor } from './shares.ts'

/** Of lines as kubectl sends them; longer ones take time to read as bodies do. */
const SHORT = 1024

/** Whether there is time left for the body that came, or for a long line; what its agent took while it was on the way is given back. */
export function mayBeRead(http: HttpRequest, known: Known, { agent }: Lease, { shares }: Surroundings): boolean {
  shares.bodyBytes.giveBack(agent, waitedFor(http), known.decidedAt)
  const isShort = http.body.length === 0 && http.target.length <= SHORT
  return isShort || shares.cpuMs.hasSome(agent, known.decidedAt)
}

/** What it costs to judge a request is its agent's, however the judging ends. */
export function charging<T>(known: Known, lease: Lease, around: Surroundings, read: () => T): T {
  const from = around.cpuMs()
  try {
    return read()
  } finally {
    around.shares.cpuMs.charge(lease.agent, around.cpuMs() - from, known.decidedAt)
  }
}

/** Denied by its head, and journaled as every denial: nobody reads its body any more. */
export async function overShare(
  http: HttpRequest,
  known: Known,
  { lease, above }: Holder,
  around: Surroundings,
): Promise<Denied> {
  const head = { ...http, body: new Uint8Array() }
  const read = readHead(head)
  known.request = read.kind === 'read' ? read.request : null
  const policy = around.policy()
  const verdict = { kind: 'deny', reason: 'too-many-requests', detail: '', risk: null } as const
  const commit = toCommit({ http: head, known, lease, above, verdict, ask: null, policy, times: around.approvalTimes })
  const decision = settled({ known, lease, verdict, committed: await around.ledger.commit(commit), policy })
  return decision.kind === 'deny' ? decision : refused(known, 'unavailable', '')
}
