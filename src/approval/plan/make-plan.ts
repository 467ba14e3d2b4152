import type { ApiRequest } from '../../request/api-request.ts'
import { isProxy, isStreamTarget } from '../../request/needs/connect.ts'
import { deletePlan } from './delete/delete-plan.ts'
import { type Draft, finished, type Made } from './draft.ts'
import type { Planning } from './planning.ts'
import { secretPlan } from './session/secret-plan.ts'
import { sessionPlan } from './session/session-plan.ts'
import { writePlan } from './write/write-plan.ts'

/** `problem` completes "no plan: …". */
export interface NotMade {
  readonly kind: 'none'
  readonly problem: string
}

/** What this request would do, as things are now. Rejects when the API server cannot be asked. */
export async function makePlan(planning: Planning): Promise<Made | NotMade> {
  const draft = drafting(planning.request)
  if (draft === null)
    return { kind: 'none', problem: 'what a request of this kind does cannot be found out beforehand' }
  return finished(await draft(planning), planning.now)
}

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch'])

function drafting({ info }: ApiRequest): ((planning: Planning) => Promise<Draft>) | null {
  if (!info.isResourceRequest || isProxy(info)) return null
  if (isStreamTarget(info)) return sessionPlan
  if (isEviction(info) || info.verb === 'delete' || info.verb === 'deletecollection') return deletePlan
  if (info.apiGroup === '' && info.resource === 'secrets' && READS.has(info.verb)) return secretPlan
  return ['create', 'update', 'patch'].includes(info.verb) ? writePlan : null
}

function isEviction({ verb, apiGroup, resource, subresource }: ApiRequest['info']): boolean {
  return verb === 'create' && apiGroup === '' && resource === 'pods' && subresource === 'eviction'
}
