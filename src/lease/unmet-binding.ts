import type { Lease } from './lease.ts'

/**
 * What keeps a token from being used over this connection: its own certificate, or one of its lease and those that it was narrowed from, is not the one
 * shown. Null where nothing does. A lease that is bound to a name leaves it to the broker which certificate has it: the one in the token.
 */
export function unmetBinding(
  token: { readonly certificate?: string },
  shown: string | undefined,
  leases: readonly (Lease | null)[],
): { readonly detail: string } | null {
  const holders = leases.flatMap(lease => (lease?.holder === undefined ? [] : [lease.holder]))
  const wanted = [
    ...(token.certificate === undefined ? [] : [token.certificate]),
    ...holders.filter(({ boundTo }) => boundTo === 'certificate').map(({ thumbprint }) => thumbprint),
  ]
  const isBound = token.certificate !== undefined || holders.length === 0
  if (isBound && wanted.every(each => each === shown)) return null
  if (!isBound) return { detail: 'it names none, and its lease is bound to one' }
  return { detail: shown === undefined ? 'this one has none' : '' }
}
