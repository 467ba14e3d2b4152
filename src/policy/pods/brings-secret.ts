import { isThere } from './host-fields.ts'
import { reachOf } from './reach.ts'
import { elementsOf, type Write, writtenBy } from './written.ts'

/** Of an account: what it holds is put into every pod that runs as it. */
const ON_ACCOUNTS = ['imagePullSecrets', 'secrets'] as const
const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch'])

/**
 * Whether a write hands a Secret or a token to pods, by themselves or by the account that they run as: whoever may read their output reads
 * it. One that a kind of others names is handed to its operator, which may show it, copy it, or send it to an address that stands beside it.
 * What cannot be read counts as that; no body brings nothing.
 */
export function bringsSecret(write: Write): boolean {
  if (write.object.kind === 'none') return false
  if (isAccount(write)) return handsOn(write)
  return reachOf(write).secrets
}

function isAccount({ info: { apiGroup, resource, subresource, verb } }: Write): boolean {
  return apiGroup === '' && resource === 'serviceaccounts' && subresource === '' && WRITES.has(verb)
}

function handsOn(write: Write): boolean {
  const written = writtenBy(write)
  return written === null || written.some(object => ON_ACCOUNTS.some(field => holdsAny(object[field])))
}

/** What a patch takes away is handed to nobody. */
function holdsAny(list: unknown): boolean {
  return isThere(list) && (typeof list !== 'object' || elementsOf(list).some(isThere))
}
