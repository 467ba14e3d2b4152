import type { RequestInfo } from '../../request/api-request.ts'
import { STEERING } from '../pods/steering.ts'

interface Note {
  readonly in: 'annotations' | 'labels'
  readonly name: string
}

/** Kubernetes leaves names without a prefix to people; programs have to put one before theirs. Of those only these are for people to read. */
const FOR_PEOPLE = {
  annotations: new Set(['kubernetes.io/change-cause', 'kubernetes.io/description']),
  // Not `instance` and `managed-by`: by these Argo CD and Helm know what is theirs.
  labels: new Set(['name', 'version', 'component', 'part-of'].map(name => `app.kubernetes.io/${name}`)),
} as const satisfies Record<Note['in'], ReadonlySet<string>>

/**
 * Kinds by whose own labels nothing of Kubernetes looks for them, by group. Of others somebody does: pods are adopted and reached, namespaces and nodes
 * come under policies, roles are added up, volumes are claimed, endpoints, Services, ConfigMaps and Secrets are picked up by whatever watches them, and of
 * kinds of others nobody knows.
 */
const NOT_SELECTED: Readonly<Record<string, ReadonlySet<string>>> = {
  '': new Set(['replicationcontrollers', 'resourcequotas', 'limitranges']),
  apps: new Set(['deployments', 'statefulsets', 'daemonsets']),
  batch: new Set(['cronjobs', 'jobs']),
  autoscaling: new Set(['horizontalpodautoscalers']),
  policy: new Set(['poddisruptionbudgets']),
  'networking.k8s.io': new Set(['networkpolicies']),
}

/** Whether something may act by this annotation or label of such an object, unless its prefix is one of a team's own. */
export function actsBy(
  { apiGroup, resource }: Pick<RequestInfo, 'apiGroup' | 'resource'>,
  { in: kind, name }: Note,
  ownPrefixes: readonly string[],
): boolean {
  const [prefix, rest] = name.split('/')
  if (rest !== undefined && ownPrefixes.includes(prefix ?? '')) return false
  if (STEERING.some(beginning => name.startsWith(beginning))) return true
  if (rest !== undefined && !FOR_PEOPLE[kind].has(name)) return true
  return kind === 'labels' && isSelected(apiGroup, resource)
}

/** Whether something may look for objects of this kind by any label that they have. */
export function isSelected(apiGroup: string, resource: string): boolean {
  return !(Object.hasOwn(NOT_SELECTED, apiGroup) && NOT_SELECTED[apiGroup]?.has(resource))
}

/** Whether a prefix belongs to a program that acts by what stands under it: none can be called a team's own. */
export function isOfPrograms(prefix: string): boolean {
  const under = `${prefix}/`
  return (
    /(?:^|\.)(?:kubernetes|k8s)\.io$/.test(prefix) ||
    KNOWN.some(known => prefix === known || prefix.endsWith(`.${known}`)) ||
    STEERING.some(beginning => under.startsWith(beginning) || beginning.startsWith(under))
  )
}

/** Programs that do something by labels or annotations of what is there, beside those that put containers into pods. */
const KNOWN: readonly string[] = [
  ...['argoproj.io', 'fluxcd.io', 'istio.io', 'linkerd.io', 'cert-manager.io', 'external-secrets.io', 'helm.sh'],
  ...[
    'keda.sh',
    'keel.sh',
    'flagger.app',
    'kyverno.io',
    'gatekeeper.sh',
    'crossplane.io',
    'cilium.io',
    'projectcalico.org',
  ],
  ...['cnpg.io', 'strimzi.io', 'velero.io', 'stakater.com', 'traefik.io', 'openshift.io', 'cattle.io', 'x-k8s.io'],
  ...['amazonaws.com', 'azure.com', 'gke.io', 'google.com', 'hashicorp.com', 'prometheus.io', 'spotahome.com'],
]
