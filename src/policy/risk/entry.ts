import type { Scope, Terms } from '../../lease/lease.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import type { Risk } from '../judge/verdict.ts'
import type { Policy } from '../policy.ts'

/**
 * What happens by default: `pass` is only named in the record, `approval` waits for a human, `dangerous` leads around the boundary
 * and is refused unless the template names it, and then waits for a human too.
 */
export type Disposition = 'pass' | 'approval' | 'dangerous'

/** What a risk is told by. Entries that look into the object assume the worst of one that is not there or cannot be read. */
export interface Asked {
  readonly request: ApiRequest
  readonly policy: Policy
  /** What the lease's template names, at issue and today. */
  readonly terms: Terms
  /** What the lease grants, at issue and today; nothing where nobody says it. */
  readonly scopes?: readonly Scope[]
}

export type Where = (asked: Asked) => boolean

export interface RiskEntry extends Risk {
  readonly disposition: Disposition
  /** `*` for every verb. */
  readonly verbs: readonly string[]
  /** `*` for every group, `*.example.com` for those below one. */
  readonly apiGroups: readonly string[]
  /** `pods/exec` as in rules; with a first slash a non-resource path, which may end in `*`. */
  readonly resources: readonly string[]
  readonly where: Where
}

/** Lists are written with spaces between, the core group as `core`. */
export type Row = readonly [
  tier: Risk['tier'],
  verbs: string,
  apiGroups: string,
  resources: string,
  why: string,
  where?: Where,
]

export function toEntries(disposition: Disposition, rows: Readonly<Record<string, Row>>): readonly RiskEntry[] {
  return Object.entries(rows).map(([id, [tier, verbs, groups, resources, why, where]]) => ({
    id,
    tier,
    disposition,
    why,
    verbs: verbs.split(' '),
    apiGroups: groups.split(' ').map(group => (group === 'core' ? '' : group)),
    resources: resources.split(' '),
    where: where ?? (() => true),
  }))
}

export const READ = 'get list watch'
export const WRITE = 'create update patch delete deletecollection'
