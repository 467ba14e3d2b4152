import { KNOWN_IN_CLUSTER, KNOWN_KINDS } from '../known-kinds.ts'
import type { Policy } from '../policy.ts'
import { withoutPlaces } from '../template/parameters.ts'
import type { PolicyRule } from './objects.ts'

const SCALED: Readonly<Record<string, readonly string[]>> = {
  apps: ['deployments/scale', 'replicasets/scale', 'statefulsets/scale'],
  '': ['replicationcontrollers/scale'],
}

/** What plans look at in the namespaces of templates. Never Secrets: those are looked at in the name of an agent that may read them. */
export const NAMESPACE_READS: readonly PolicyRule[] = [...Map.groupBy(KNOWN_KINDS, ({ group }) => group)].map(
  ([group, kinds]) => ({
    verbs: ['get', 'list'],
    apiGroups: [group],
    resources: [...kinds.map(({ resource }) => resource), ...(SCALED[group] ?? [])],
  }),
)

export const CLUSTER_READS: readonly PolicyRule[] = [...Map.groupBy(KNOWN_IN_CLUSTER, ({ group }) => group)].map(
  ([group, kinds]) => ({ verbs: ['get'], apiGroups: [group], resources: kinds.map(({ resource }) => resource) }),
)

/** Those that leases reach, and those that may be deleted by name; null for all of them. */
export function namespacesRead({ templates }: Policy): readonly (string | null)[] {
  const granted = templates.flatMap(({ grants }) => grants.flatMap(({ namespaces }) => namespaces))
  const deleted = templates.flatMap(template => withoutPlaces(template).flatMap(namespacesDeleted))
  const all = new Set([...granted, ...deleted])
  return all.has('*') ? [null] : [...all].sort()
}

function namespacesDeleted({
  scope,
  verbs,
  apiGroups,
  resources,
  resourceNames,
}: Policy['templates'][number]['rules'][number]) {
  const isThat =
    scope === 'cluster' && apiGroups.some(group => group === '' || group === '*') && resources.includes('namespaces')
  if (!isThat || !verbs.some(verb => verb === 'delete' || verb === '*')) return []
  return resourceNames.length === 0 ? ['*'] : resourceNames
}

/** Of what a template grants that which a plan tries or looks at: no deletes, no watches, nothing but objects. */
const PLANNED: ReadonlySet<string> = new Set(['get', 'list', 'create', 'update', 'patch'])
/** Parts of objects that are stored with them. What else is below an object does things, dry run or not: a token is a token. */
export const STORED_PARTS: readonly string[] = ['status', 'scale', 'ephemeralcontainers', 'resize']

export function planned(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  return rules
    .map(rule => ({
      ...rule,
      verbs: rule.verbs.filter(verb => PLANNED.has(verb)),
      resources: (rule.resources ?? []).filter(isStored),
    }))
    .filter(({ verbs, resources }) => verbs.length > 0 && resources.length > 0)
}

/** `pods`, `deployments/scale`; `*` is all of them and stays. */
function isStored(resource: string): boolean {
  const part = resource.split('/')[1]
  return part === undefined || STORED_PARTS.includes(part)
}
