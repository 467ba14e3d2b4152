import { READ, type Row, toEntries, WRITE } from './entry.ts'
import { isInteractive } from './interactive.ts'
import { runsOpaque } from './opaque.ts'
import { inSystemNamespace, isForced } from './where.ts'

const WORKLOADS = {
  'exec-opaque': [
    'critical',
    'get create',
    'core',
    'pods/exec',
    'runs what its command does not say in plain: something encoded, or taken from where nobody looks',
    runsOpaque,
  ],
  'exec-interactive': [
    'high',
    'get create',
    'core',
    'pods/exec pods/attach',
    'opens a shell or an input: what is typed is compared with nothing',
    isInteractive,
  ],
  'pods-exec': ['high', 'get create', 'core', 'pods/exec', 'runs a command in a container'],
  'pods-attach': ['high', 'get create', 'core', 'pods/attach', 'attaches to a running process'],
  'pods-portforward': [
    'medium',
    'get create',
    'core',
    'pods/portforward',
    'opens ports of a pod, past network policies',
  ],
  'pods-create': ['high', 'create', 'core', 'pods', 'runs code with any Secret and service account of the namespace'],
  'pods-write': ['high', 'update patch', 'core', 'pods', 'changes a running pod'],
  'pods-delete': ['medium', 'delete', 'core', 'pods', 'stops a pod'],
  'pods-eviction': ['medium', 'create', 'core', 'pods/eviction', 'evicts a pod'],
  'pods-status': ['medium', 'update patch', 'core', 'pods/status', 'can redirect traffic for a pod'],
  'pods-log': ['medium', 'get', 'core', 'pods/log', 'reads logs, which may hold tokens'],
  'pods-resize': ['low', 'update patch', 'core', 'pods/resize', 'changes resources in place'],
  'workload-write': [
    'high',
    WRITE,
    'apps batch core extensions',
    'deployments statefulsets replicasets replicationcontrollers podtemplates jobs cronjobs',
    'runs code through a controller, also after the lease',
  ],
  'daemonset-write': ['critical', WRITE, 'apps extensions', 'daemonsets', 'runs code on every node'],
  'revisions-delete': [
    'medium',
    'delete deletecollection',
    'apps',
    'controllerrevisions',
    'takes away what a controller would go back to',
  ],
  scale: ['medium', 'update patch', '*', '*/scale', 'can take a workload down to nothing'],
  'autoscaling-write': [
    'medium',
    WRITE,
    'autoscaling',
    'horizontalpodautoscalers',
    'changes how far a workload scales',
  ],
} as const satisfies Record<string, Row>

const DATA = {
  'secrets-write': ['high', WRITE, 'core', 'secrets', 'changes a Secret'],
  'configmaps-write': ['medium', WRITE, 'core', 'configmaps', 'changes how applications behave'],
  'system-configmaps-read': [
    'low',
    READ,
    'core',
    'configmaps',
    'reads the configuration of the cluster',
    inSystemNamespace,
  ],
  'pvc-delete': ['high', 'delete', 'core', 'persistentvolumeclaims', 'can lose data'],
  'snapshots-write': [
    'medium',
    WRITE,
    'snapshot.storage.k8s.io storage.k8s.io',
    'volumesnapshots csistoragecapacities',
    'copies data, or tells where there is room for it',
  ],
  'pvc-write': ['medium', 'create update patch', 'core', 'persistentvolumeclaims', 'claims volumes'],
} as const satisfies Record<string, Row>

const NETWORK = {
  'netpol-write': ['high', WRITE, 'networking.k8s.io', 'networkpolicies', 'opens the network'],
  'ingress-write': [
    'high',
    WRITE,
    'networking.k8s.io gateway.networking.k8s.io extensions',
    'ingresses ingressclasses gateways httproutes referencegrants',
    'exposes or takes over traffic',
  ],
  'services-write': ['medium', WRITE, 'core', 'services', 'can redirect traffic'],
  'services-status': ['high', 'update patch', 'core', 'services/status', 'can redirect traffic'],
  'endpoints-write': [
    'high',
    WRITE,
    'core discovery.k8s.io',
    'endpoints endpointslices',
    'redirects traffic across namespaces',
  ],
} as const satisfies Record<string, Row>

const CLUSTER = {
  'sa-write': ['medium', WRITE, 'core', 'serviceaccounts', 'changes what pods may do elsewhere'],
  'ns-patch': ['high', 'update patch', 'core', 'namespaces', 'changes labels that admission and network rules go by'],
  'ns-create': ['medium', 'create', 'core', 'namespaces', "makes a namespace outside of others' rules"],
  'nodes-read': [
    'medium',
    'get',
    'core',
    'nodes/log nodes/metrics nodes/stats nodes/pods nodes/configz nodes/healthz nodes/spec',
    'reads from the kubelet',
  ],
  'leases-write': [
    'medium',
    WRITE,
    'coordination.k8s.io',
    'leases leasecandidates',
    'steals leadership of controllers',
  ],
  'quota-write': ['medium', WRITE, 'core', 'resourcequotas limitranges', 'lifts limits'],
  'pdb-write': ['medium', WRITE, 'policy', 'poddisruptionbudgets', 'blocks or allows drains'],
  'devices-write': ['medium', WRITE, 'resource.k8s.io', 'resourceclaims resourceclaimtemplates', 'takes devices'],
  'gangs-write': ['medium', WRITE, 'scheduling.k8s.io', 'podgroups workloads', 'changes which pods start together'],
  'events-write': ['low', WRITE, 'core events.k8s.io', 'events', 'can hide or forge history'],
  'access-review': [
    'low',
    'create',
    'authorization.k8s.io',
    'subjectaccessreviews localsubjectaccessreviews',
    "asks for others' rights",
  ],
  'apply-force': ['high', 'patch', '*', '*', 'takes fields from whoever manages them', isForced],
  finalizers: ['medium', 'update patch', '*', '*/finalizers', 'can block or cascade a deletion'],
  status: ['medium', 'update patch', '*', '*/status', 'changes what controllers trust'],
  'server-metrics': ['low', 'get', '-', '/metrics*', 'reads names of objects and users'],
} as const satisfies Record<string, Row>

/** What passes in scope, and is named in the record. A template can ask for approval of each. */
export const NOTED = toEntries('pass', { ...WORKLOADS, ...DATA, ...NETWORK, ...CLUSTER })
