import type { Terms } from '../../lease/lease.ts'
import { covers } from '../../lease/scope/scope.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import { bringsSecret } from '../pods/brings-secret.ts'
import { changesCode, changesCodeUnjudged } from '../pods/changes-code.ts'
import { bringsPods } from '../pods/pod-kinds.ts'
import { reachOf } from '../pods/reach.ts'
import type { Asked } from './entry.ts'
import { inProduction } from './where.ts'

/**
 * Whether a write brings pods, now or by a template, that run as a service account which the template of the task does not name, or that
 * are handed a token. Accounts that it names may have tokens.
 */
export function mayTakeIdentity({ request, terms }: Asked): boolean {
  const { accounts, tokens } = reachOf(request)
  const unnamed = [...accounts].some(account => !terms.serviceAccounts.includes(account))
  return unnamed || (tokens && accounts.size === 0)
}

/** Whether a write brings pods that come nearer to their node than Pod Security's limits let them. */
export function mayReachHost({ request }: Asked): boolean {
  return reachOf(request).host
}

/** Whether a write gives pods an identity in a cloud or a directory. */
export function mayTakeOtherIdentity({ request }: Asked): boolean {
  const { cloud, pods } = reachOf(request)
  return cloud && pods
}

/** Whether a write brings pods that push out those of others, in the whole cluster. */
export function mayPushOut({ request }: Asked): boolean {
  return reachOf(request).priority
}

/** Whether a write hands a Secret or a token to pods. */
export function mayBringSecret({ request }: Asked): boolean {
  return bringsSecret(request)
}

/**
 * Whether a write changes what runs in pods that are there already, and who sends it may not make such pods: who may gets nothing by the
 * change that a create would not give, since whose account they run as and what they reach is looked at in both. The Secrets that they
 * have are in no byte of it: admission refuses it where they have some, unless a human agreed. In production a change is a way to run a
 * command in what serves, as exec is.
 */
export function mayChangeCode(asked: Asked): boolean {
  const { request, scopes = [] } = asked
  if (!changesCode(request)) return false
  return (
    inProduction(asked) || changesCodeUnjudged(request) || wantsToBeAsked(asked.terms) || !mayCreate(request, scopes)
  )
}

const CODE = 'workload-code'

/** In so many words: then it is asked of whoever may create as well. */
function wantsToBeAsked({ approval }: Terms): boolean {
  return approval.require.includes(CODE) || approval.risks?.[CODE] !== undefined
}

/** Whether a create brings pods of any image and command into production: it needs nothing that is there, as exec does, to run anything. */
export function mayRunInProduction(asked: Asked): boolean {
  const { info } = asked.request
  return info.verb === 'create' && inProduction(asked) && bringsPods(info) !== 'no' && reachOf(asked.request).pods
}

function mayCreate(request: ApiRequest, scopes: NonNullable<Asked['scopes']>): boolean {
  const create: ApiRequest = { ...request, info: { ...request.info, verb: 'create' }, verbs: ['create'] }
  return scopes.length > 0 && scopes.every(scope => covers(scope, create) !== null)
}
