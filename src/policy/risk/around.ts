import { type Row, toEntries, WRITE } from './entry.ts'
import { mayReachHost, mayTakeIdentity } from './pod-escape.ts'
import { mayMakeTokenSecret } from './token-secret.ts'
import { inBoundaryNamespace, listsNodePods } from './where.ts'

const IDENTITIES = {
  'sa-token': [
    'critical',
    'create',
    'core',
    'serviceaccounts/token',
    'mints a token that opens the cluster past the boundary',
  ],
  'token-secret': [
    'critical',
    'create update patch',
    'core',
    'secrets',
    'makes a Secret that holds a token of a service account',
    mayMakeTokenSecret,
  ],
  'csr-create': [
    'high',
    'create',
    'certificates.k8s.io',
    'certificatesigningrequests',
    'asks for a client certificate',
  ],
  'csr-approve': [
    'critical',
    'update patch',
    'certificates.k8s.io',
    'certificatesigningrequests/approval certificatesigningrequests/status',
    'hands out client certificates, which cannot be revoked',
  ],
  'csr-sign': ['critical', 'approve sign attest', '*', '*', 'hands out identities in the name of a signer'],
  'pod-certificates': [
    'high',
    WRITE,
    'certificates.k8s.io',
    'podcertificaterequests podcertificaterequests/status clustertrustbundles',
    'issues identities or trust anchors to pods',
  ],
  impersonate: ['critical', 'impersonate', '*', '*', 'acts as somebody else'],
  'pod-identity': [
    'critical',
    'create update patch',
    '*',
    '*',
    'runs pods as another service account, or hands them its token',
    mayTakeIdentity,
  ],
  'pod-host': [
    'critical',
    'create update patch',
    '*',
    '*',
    'runs pods that reach their node: its namespaces, files or devices, more privileges than the baseline of Pod Security, or volumes of other types',
    mayReachHost,
  ],
  'pods-binding': [
    'high',
    'create',
    'core',
    'pods/binding bindings',
    'puts a pod on a node of its choice, with annotations that only creates and updates are judged by',
  ],
  'revisions-write': [
    'critical',
    'create update patch',
    'apps',
    'controllerrevisions',
    'makes a controller run pods of its choice: only controllers write their revisions',
  ],
} as const satisfies Record<string, Row>

const RIGHTS = {
  'rbac-write': [
    'critical',
    WRITE,
    'rbac.authorization.k8s.io authorization.openshift.io rbacmanager.reactiveops.io',
    'rbacdefinitions roles rolebindings',
    'gives standing rights that outlive the lease',
  ],
  'rbac-cluster-write': [
    'critical',
    WRITE,
    'rbac.authorization.k8s.io authorization.openshift.io',
    'clusterroles clusterrolebindings',
    'gives standing rights in the whole cluster that outlive the lease',
  ],
  'rbac-bind': ['critical', 'bind', '*', '*', 'binds roles that it does not hold'],
  'rbac-escalate': ['critical', 'escalate', '*', '*', 'writes roles that it does not hold'],
} as const satisfies Record<string, Row>

const CONTROL_PLANE = {
  'webhooks-write': [
    'critical',
    WRITE,
    'admissionregistration.k8s.io',
    'mutatingwebhookconfigurations validatingwebhookconfigurations',
    'sees or rewrites what others send to the API server',
  ],
  'admission-policy-write': [
    'critical',
    WRITE,
    'admissionregistration.k8s.io',
    'validatingadmissionpolicies validatingadmissionpolicybindings mutatingadmissionpolicies mutatingadmissionpolicybindings',
    'switches admission rules on or off',
  ],
  'apiservice-write': [
    'critical',
    WRITE,
    'apiregistration.k8s.io',
    'apiservices apiservices/status',
    'routes an API group to a server of its own',
  ],
  'crd-write': [
    'critical',
    'create update patch',
    'apiextensions.k8s.io',
    'customresourcedefinitions customresourcedefinitions/status',
    'may name a conversion webhook that sees every custom object',
  ],
  'nodes-create': ['critical', 'create', 'core', 'nodes', 'makes the API server connect to an address of its choice'],
  'nodes-status': [
    'critical',
    'update patch',
    'core',
    'nodes/status',
    'decides where the API server connects for exec and logs',
  ],
} as const satisfies Record<string, Row>

const TUNNELS = {
  'nodes-proxy': [
    'critical',
    '*',
    'core',
    'nodes/proxy',
    'reaches the kubelet, which runs commands in every pod of the node',
  ],
  'nodes-checkpoint': ['high', '*', 'core', 'nodes/checkpoint', 'writes the memory of a container to disk'],
  'pods-proxy': ['high', '*', 'core', 'pods/proxy', 'speaks HTTP to pods unseen'],
  'services-proxy': ['high', '*', 'core', 'services/proxy', 'speaks HTTP to services unseen'],
  'path-proxy': ['critical', 'proxy', '*', '*', 'uses a proxy path that Kubernetes no longer serves'],
  'pods-ephemeral': [
    'high',
    WRITE,
    'core',
    'pods/ephemeralcontainers',
    'puts a container of its own into a running pod',
  ],
} as const satisfies Record<string, Row>

const BOUNDARY = {
  'boundary-namespace': [
    'critical',
    '*',
    '*',
    '*',
    'reaches into the namespace of the boundary itself',
    inBoundaryNamespace,
  ],
  'boundary-node-pods': [
    'medium',
    'list',
    'core',
    'pods',
    'lists the pods of a node over all namespaces, those of the boundary among them',
    listsNodePods,
  ],
} as const satisfies Record<string, Row>

/** What leads around the boundary, whatever a wildcard in a lease says. */
export const AROUND = toEntries('dangerous', { ...IDENTITIES, ...RIGHTS, ...CONTROL_PLANE, ...TUNNELS, ...BOUNDARY })
