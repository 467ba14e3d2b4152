import { groupsOf, userOf } from '../../policy/rbac/identity.ts'
import { MASK } from '../mask/hidden.ts'
import type { AuditEvent } from './audit-event.ts'

/** A row of `requests`, as far as it is compared. */
export interface RecordedRow {
  readonly auditId: string
  readonly agent: string
  readonly lease: string
  readonly template: string
  readonly decision: string
  readonly state: string
  readonly verb: string
  readonly apiGroup: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly isResource: boolean
  readonly path: string
  /** Epoch milliseconds. */
  readonly decidedAt: number
}

export type Aspect = 'decision' | 'verb' | 'object' | 'identity'

export interface Difference {
  readonly aspect: Aspect
  readonly recorded: string
  readonly audited: string
}

/** Longer ones are cut in the record. */
const PATH_LIMIT = 2048

/** What the record and the API server say differently of one request. */
export function compare(row: RecordedRow, event: AuditEvent): readonly Difference[] {
  return [
    ...differ('decision', row.decision, 'allow'),
    ...differ('verb', row.verb, event.verb),
    ...differ('object', ...objects(row, event)),
    ...differ('identity', recordedIdentity(row), auditedIdentity(event)),
  ]
}

function differ(aspect: Aspect, recorded: string, audited: string): readonly Difference[] {
  return recorded === audited ? [] : [{ aspect, recorded, audited }]
}

function objects(row: RecordedRow, { object, path, verb }: AuditEvent): [recorded: string, audited: string] {
  if (!row.isResource || object === null) {
    const recorded = row.isResource ? describe(row) : row.path
    return [recorded, object === null ? path.slice(0, PATH_LIMIT) : describe(object)]
  }
  // Of what is created the API server takes name and namespace out of the body, which the record does not hold.
  const told = verb === 'create'
  const namespace = told && row.namespace === '' ? object.namespace : row.namespace
  const hidden = row.name.includes(MASK)
  const name = hidden || (told && row.name === '') ? object.name : row.name
  return [describe({ ...row, namespace, name }), describe(object)]
}

type Named = Pick<RecordedRow, 'apiGroup' | 'resource' | 'subresource' | 'namespace' | 'name'>

/** `pods/exec web-1 in shop`, `deployments.apps in shop`. */
export function describe({ apiGroup, resource, subresource, namespace, name }: Named): string {
  const group = apiGroup === '' ? '' : `.${apiGroup}`
  const below = subresource === '' ? '' : `/${subresource}`
  return `${resource}${group}${below}${name === '' ? '' : ` ${name}`}${namespace === '' ? '' : ` in ${namespace}`}`
}

function recordedIdentity({ agent, lease, template }: RecordedRow): string {
  return identity(userOf(agent), lease, groupsOf(template))
}

function auditedIdentity({ user, groups, as }: AuditEvent): string {
  const acting = as ?? { user, groups, lease: '' }
  // Impersonation adds this one by itself.
  const given = acting.groups.filter(group => group !== 'system:authenticated')
  return identity(acting.user, acting.lease, given)
}

function identity(user: string, lease: string, groups: readonly string[]): string {
  return `${user} (${groups.toSorted().join(', ')}) under ${lease === '' ? 'no lease' : lease}`
}
