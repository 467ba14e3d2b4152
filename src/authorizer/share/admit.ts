import type { Denied } from '../../denial/denied.ts'
import type { HttpRequest } from '../../request/http-request.ts'
import { holderOf } from '../holder.ts'
import { denyingFailures, type Surroundings } from '../surroundings.ts'
import { overShare } from './over-share.ts'
import { waitedFor } from './shares.ts'

/**
 * Whether Envoy is to wait for a body at all: strangers are told at once, and no agent has more on the way than its share. Null lets
 * it come; nothing is allowed by that, and nothing journaled. Never rejects.
 */
export function admit(http: HttpRequest, around: Surroundings): Promise<Denied | null> {
  return denyingFailures(http, around, async known => {
    const holder = await holderOf(http, known, around)
    if (holder.kind === 'deny') return holder
    const { lease } = holder
    if (around.shares.bodyBytes.take(lease.agent, waitedFor(http), known.decidedAt)) return null
    return overShare(http, known, holder, around)
  })
}
