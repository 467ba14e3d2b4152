/** A kind of Kubernetes' own that lies in a namespace: what a plan looks at, and what the planner's account may read. */
export interface KnownKind {
  readonly kind: string
  readonly group: string
  readonly version: string
  readonly resource: string
}

/** Never Secrets: whoever may list them reads them. */
const ROWS = [
  'Pod  v1 pods',
  'Service  v1 services',
  'ConfigMap  v1 configmaps',
  'ServiceAccount  v1 serviceaccounts',
  'PersistentVolumeClaim  v1 persistentvolumeclaims',
  'ReplicationController  v1 replicationcontrollers',
  'ResourceQuota  v1 resourcequotas',
  'LimitRange  v1 limitranges',
  'Endpoints  v1 endpoints',
  'Deployment apps v1 deployments',
  'ReplicaSet apps v1 replicasets',
  'StatefulSet apps v1 statefulsets',
  'DaemonSet apps v1 daemonsets',
  'ControllerRevision apps v1 controllerrevisions',
  'Job batch v1 jobs',
  'CronJob batch v1 cronjobs',
  'HorizontalPodAutoscaler autoscaling v2 horizontalpodautoscalers',
  'PodDisruptionBudget policy v1 poddisruptionbudgets',
  'Ingress networking.k8s.io v1 ingresses',
  'NetworkPolicy networking.k8s.io v1 networkpolicies',
  'EndpointSlice discovery.k8s.io v1 endpointslices',
  'Role rbac.authorization.k8s.io v1 roles',
  'RoleBinding rbac.authorization.k8s.io v1 rolebindings',
] as const

export const KNOWN_KINDS: readonly KnownKind[] = ROWS.map(row => {
  const [kind = '', group = '', version = '', resource = ''] = row.split(' ')
  return { kind, group, version, resource }
})

/** In no namespace. */
export const KNOWN_IN_CLUSTER = [
  { group: '', resource: 'namespaces' },
  { group: '', resource: 'nodes' },
  { group: '', resource: 'persistentvolumes' },
  { group: 'storage.k8s.io', resource: 'storageclasses' },
  // Whether a group is served by the API server itself: others may not know what a dry run is.
  { group: 'apiregistration.k8s.io', resource: 'apiservices' },
] as const
