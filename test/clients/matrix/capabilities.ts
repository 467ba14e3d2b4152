/** What programs do with a cluster: directly, and through the boundary with the same result. */
export const COMPARED = [
  'version',
  'discovery',
  'list in pages',
  'table',
  'metadata only',
  'gzip',
  'watch',
  'watch after 410 Gone',
  'informer',
  'dynamic client',
  'create',
  'dry run',
  'replace',
  'JSON patch',
  'merge patch',
  'strategic merge patch',
  'server-side apply',
  'scale',
  'status',
  'delete with options',
  'delete a collection',
  'logs',
  'logs followed',
  'exec',
  'exec with input',
  'exec that fails',
  'port-forward',
] as const

/** What there is only under a lease. */
export const LEASED = [
  'a refusal that programs can read',
  'an approval awaited and used',
  'a watch over the end of its token',
  'told of a revoke',
] as const

export const CAPABILITIES = [...COMPARED, ...LEASED] as const
export type Capability = (typeof CAPABILITIES)[number]
