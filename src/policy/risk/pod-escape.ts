import { reachOf } from '../pods/reach.ts'
import type { Asked } from './entry.ts'

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
