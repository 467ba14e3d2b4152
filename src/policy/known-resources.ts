/** Groups of resources that most clusters have; `cluster` marks those without a namespace. */
const BUILT_IN = {
  '': 'bindings configmaps endpoints events limitranges persistentvolumeclaims pods podtemplates replicationcontrollers resourcequotas secrets serviceaccounts services',
  apps: 'controllerrevisions daemonsets deployments replicasets statefulsets',
  autoscaling: 'horizontalpodautoscalers',
  batch: 'cronjobs jobs',
  'certificates.k8s.io': 'podcertificaterequests',
  'coordination.k8s.io': 'leasecandidates leases',
  'discovery.k8s.io': 'endpointslices',
  'networking.k8s.io': 'ingresses networkpolicies',
  policy: 'poddisruptionbudgets',
  'rbac.authorization.k8s.io': 'rolebindings roles',
  'resource.k8s.io': 'resourceclaims resourceclaimtemplates',
  'scheduling.k8s.io': 'podgroups workloads',
  'storage.k8s.io': 'csistoragecapacities',
} as const

const BUILT_IN_CLUSTER = {
  '': 'componentstatuses namespaces nodes persistentvolumes',
  'admissionregistration.k8s.io':
    'mutatingadmissionpolicies mutatingadmissionpolicybindings mutatingwebhookconfigurations validatingadmissionpolicies validatingadmissionpolicybindings validatingwebhookconfigurations',
  'apiextensions.k8s.io': 'customresourcedefinitions',
  'apiregistration.k8s.io': 'apiservices',
  'authentication.k8s.io': 'selfsubjectreviews tokenreviews',
  'certificates.k8s.io': 'certificatesigningrequests clustertrustbundles',
  'flowcontrol.apiserver.k8s.io': 'flowschemas prioritylevelconfigurations',
  'internal.apiserver.k8s.io': 'storageversions',
  'networking.k8s.io': 'ingressclasses ipaddresses servicecidrs',
  'node.k8s.io': 'runtimeclasses',
  'rbac.authorization.k8s.io': 'clusterrolebindings clusterroles',
  'resource.k8s.io': 'deviceclasses devicetaintrules resourcepoolstatusrequests resourceslices',
  'scheduling.k8s.io': 'priorityclasses',
  'storage.k8s.io': 'csidrivers csinodes storageclasses volumeattachments volumeattributesclasses',
  'storagemigration.k8s.io': 'storageversionmigrations',
} as const

const ALIASES: Readonly<Record<string, string>> = {
  cm: 'configmaps',
  cj: 'cronjobs',
  crd: 'customresourcedefinitions',
  deploy: 'deployments',
  ds: 'daemonsets',
  ep: 'endpoints',
  ev: 'events',
  hpa: 'horizontalpodautoscalers',
  ing: 'ingresses',
  netpol: 'networkpolicies',
  no: 'nodes',
  ns: 'namespaces',
  pdb: 'poddisruptionbudgets',
  po: 'pods',
  pv: 'persistentvolumes',
  pvc: 'persistentvolumeclaims',
  rs: 'replicasets',
  sa: 'serviceaccounts',
  sts: 'statefulsets',
  svc: 'services',
}

/** Groups that have a second resource of the name, so that a rule for them is right as well. */
const TWICE: Readonly<Record<string, readonly string[]>> = {
  events: ['events.k8s.io'],
  ingresses: ['extensions'],
  nodes: ['metrics.k8s.io'],
}

interface Known {
  readonly groups: readonly string[]
  readonly namespaced: boolean
}

const KNOWN: ReadonlyMap<string, Known> = new Map([...entries(BUILT_IN, true), ...entries(BUILT_IN_CLUSTER, false)])

export function knownResource(resource: string): Known | null {
  return KNOWN.get(resource) ?? null
}

/** `deployment`, `deploy` → `deployments`; null when it is no short or singular form of a known resource. */
export function pluralOf(resource: string): string | null {
  if (KNOWN.has(resource)) return null
  const alias = Object.hasOwn(ALIASES, resource) ? ALIASES[resource] : undefined
  return alias ?? [`${resource}s`, `${resource}es`, resource.replace(/y$/, 'ies')].find(form => KNOWN.has(form)) ?? null
}

function entries(table: Readonly<Record<string, string>>, namespaced: boolean): readonly [string, Known][] {
  return Object.entries(table).flatMap(([group, resources]) =>
    resources
      .split(' ')
      .map((resource): [string, Known] => [resource, { groups: [group, ...(TWICE[resource] ?? [])], namespaced }]),
  )
}
