const LONGEST = 2048
const SPIFFE_ID = /^spiffe:\/\/([a-z0-9._-]{1,255})((?:\/[A-Za-z0-9._-]+)+)$/

/** The trust domain of a workload's SPIFFE id (SPIFFE-ID, 2); null for anything else. One id has one spelling, so ids are compared as they stand. */
export function trustDomainOf(id: unknown): string | null {
  if (typeof id !== 'string' || id.length > LONGEST) return null
  const [, domain = null, path = ''] = SPIFFE_ID.exec(id) ?? []
  return path.split('/').some(segment => segment === '.' || segment === '..') ? null : domain
}
