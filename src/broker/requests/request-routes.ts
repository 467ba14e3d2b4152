import { Hono } from 'hono'
import type { Principal } from '../../identity/caller.ts'
import { serveOperation } from '../http/operation.ts'
import { isNamed } from '../http/path-parameters.ts'
import { StatusError } from '../http/refusal/status.ts'
import { knownLease, leasesAbove, maySeeLease } from '../leases/find-lease.ts'
import type { BrokerEnv, BrokerParts } from '../parts.ts'
import { type OneByOne, recordOf } from './ask-record.ts'
import { explainRequest } from './explain-request.ts'
import { EXPLAIN_REQUEST } from './request-operation.ts'
import { type RequestRow, readRequest } from './request-row.ts'

/** What became of single requests, and what would have helped. */
export function requestRoutes(parts: BrokerParts, oneByOne: OneByOne): Hono<BrokerEnv> {
  const routes = new Hono<BrokerEnv>()
  serveOperation(routes, EXPLAIN_REQUEST, ({ principal, path }) =>
    oneByOne(principal, async () =>
      explainRequest(await findRequest(path.auditId, principal, parts), principal, parts),
    ),
  )
  return routes
}

/** A request that the principal may see. Others' are as unknown to an agent as those that never were. */
async function findRequest(auditId: string, principal: Principal, parts: BrokerParts): Promise<RequestRow> {
  const record = recordOf(parts)
  const row = isNamed('auditId', auditId) ? await readRequest(record, auditId) : null
  if (row === null || !(await maySee(principal, row, parts))) {
    throw new StatusError(
      404,
      'no request of yours with this audit id is on record; a fresh one is there within seconds',
    )
  }
  return row
}

/** Of its own leases, and of those that were narrowed from them. */
async function maySee(principal: Principal, row: RequestRow, parts: BrokerParts): Promise<boolean> {
  if (principal.kind === 'person') return true
  if (row.lease === '') return false
  const lease = (await knownLease(row.lease, parts))?.lease ?? null
  if (lease === null) return row.recorded.agent === principal.agent && row.sponsor === principal.sponsor
  if (maySeeLease(principal, lease)) return true
  const above = await leasesAbove(lease, parts)
  return above.some(one => one !== null && maySeeLease(principal, one))
}
