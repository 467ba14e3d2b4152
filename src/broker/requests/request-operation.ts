import { EXPLAINED_REQUEST } from '../../denial/explained-request.ts'
import type { Operation } from '../http/operation.ts'

export const EXPLAIN_REQUEST = {
  id: 'explainRequest',
  method: 'get',
  path: '/v1/requests/{auditId}',
  does: 'Tells of one request on record what was judged, by which rule, and what would help.',
  more: 'Agents hear of requests under leases of their own. One question of each caller at a time.',
  who: { agents: true, people: 'all' },
  status: 200,
  answer: EXPLAINED_REQUEST.meta({ id: 'ExplainedRequest', description: 'Times are epoch milliseconds.' }),
  refuses: [404, 429],
} as const satisfies Operation
