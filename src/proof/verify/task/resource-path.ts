import type { Rule, Scope } from '../../../lease/lease.ts'

/** A resource that the lease lets be listed in its namespace. */
export interface Listed {
  readonly group: string
  readonly resource: string
}

/** What stands in for `*`: there in every cluster. */
const USUAL: readonly Listed[] = [
  { group: '', resource: 'pods' },
  { group: '', resource: 'configmaps' },
  { group: 'apps', resource: 'deployments' },
]

/** At most this many: the proof wants several requests, not all. */
const ENOUGH = 4

/** Whole resources that the scope lets be listed by name of nothing, pods first: exec needs one. */
export function listable(scope: Scope, namespace: string): readonly Listed[] {
  const found = scope
    .filter(rule => reads(rule) && (rule.namespaces.includes('*') || rule.namespaces.includes(namespace)))
    .flatMap(rule => rule.apiGroups.flatMap(group => rule.resources.flatMap(resource => expand(group, resource))))
  const unique = new Map(found.map(each => [`${each.group}/${each.resource}`, each]))
  // Secrets want an approval, and a proof should not read them.
  const plain = [...unique.values()].filter(({ resource }) => !resource.includes('/') && resource !== 'secrets')
  return plain.sort((a, b) => Number(isPods(b)) - Number(isPods(a))).slice(0, ENOUGH)
}

function reads({ verbs, resourceNames }: Rule): boolean {
  return resourceNames.length === 0 && (verbs.includes('*') || verbs.includes('list'))
}

function expand(group: string, resource: string): readonly Listed[] {
  return USUAL.filter(usual => group === '*' || group === usual.group)
    .filter(usual => resource === '*' || resource === usual.resource)
    .concat(group === '*' || resource === '*' ? [] : [{ group, resource }])
}

function isPods({ group, resource }: Listed): boolean {
  return group === '' && resource === 'pods'
}

/** `/api/v1` or `/apis/apps/v1`. */
export function versionPath(group: string, version: string): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`
}
