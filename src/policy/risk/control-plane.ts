import { type RiskEntry, type Row, toEntries, WRITE } from './entry.ts'

/** Kinds of Kubernetes itself by which one write changes the whole cluster. */
const BUILT_IN = {
  'nodes-write': ['high', 'update patch', 'core', 'nodes', 'steers where workloads run'],
  'priority-write': ['high', WRITE, 'scheduling.k8s.io', 'priorityclasses', 'can push out other workloads'],
  'runtimeclass-write': ['high', WRITE, 'node.k8s.io', 'runtimeclasses', 'can take sandboxes away'],
  'flowcontrol-write': [
    'high',
    WRITE,
    'flowcontrol.apiserver.k8s.io',
    'flowschemas prioritylevelconfigurations',
    'can starve other clients',
  ],
  'storage-migration': [
    'high',
    WRITE,
    'storagemigration.k8s.io internal.apiserver.k8s.io',
    'storageversionmigrations storageversions',
    'changes how the API server stores objects',
  ],
  'storage-write': [
    'high',
    WRITE,
    'storage.k8s.io snapshot.storage.k8s.io',
    'storageclasses csidrivers csinodes volumeattachments volumeattributesclasses volumesnapshotclasses volumesnapshotcontents',
    'changes drivers, or what volumes are made of',
  ],
  'network-ranges-write': [
    'high',
    WRITE,
    'networking.k8s.io',
    'servicecidrs servicecidrs/status ipaddresses',
    'changes the addresses of Services',
  ],
  'device-classes-write': [
    'high',
    WRITE,
    'resource.k8s.io',
    'deviceclasses resourceslices devicetaintrules devicetaintrules/status resourcepoolstatusrequests',
    'changes or takes away the devices of nodes',
  ],
  'admission-policy-status': [
    'high',
    'update patch',
    'admissionregistration.k8s.io',
    'validatingadmissionpolicies/status mutatingadmissionpolicies/status',
    'changes what is said of admission rules',
  ],
} as const satisfies Record<string, Row>

/** Controllers that many clusters have, and that do with rights of their own what an object tells them. */
const ADDED = {
  'policy-engine-write': [
    'critical',
    WRITE,
    'kyverno.io policies.kyverno.io policies.kubewarden.io templates.gatekeeper.sh constraints.gatekeeper.sh config.gatekeeper.sh mutations.gatekeeper.sh expansion.gatekeeper.sh externaldata.gatekeeper.sh',
    '*',
    'changes the rules that admission goes by',
  ],
  'mesh-write': [
    'high',
    WRITE,
    'security.istio.io networking.istio.io cilium.io projectcalico.org crd.projectcalico.org policy.networking.k8s.io policy.linkerd.io k8s.cni.cncf.io',
    '*',
    'opens the network, or takes traffic over',
  ],
  'issuers-write': [
    'high',
    WRITE,
    'cert-manager.io acme.cert-manager.io policy.cert-manager.io trust.cert-manager.io',
    '*',
    'has certificates issued, or says whom to trust',
  ],
  'secret-stores-write': [
    'high',
    WRITE,
    'external-secrets.io generators.external-secrets.io secrets-store.csi.x-k8s.io secrets.hashicorp.com bitnami.com',
    '*',
    'brings Secrets of other places into the cluster',
  ],
  'monitoring-write': [
    'high',
    WRITE,
    'monitoring.coreos.com',
    'prometheuses prometheusagents alertmanagers thanosrulers servicemonitors podmonitors probes scrapeconfigs alertmanagerconfigs',
    'has a controller run pods, or send Secrets that it names to an address of its choice',
  ],
  'deployer-write': [
    'high',
    WRITE,
    'argoproj.io helm.toolkit.fluxcd.io kustomize.toolkit.fluxcd.io source.toolkit.fluxcd.io helm.cattle.io tekton.dev serving.knative.dev apps.kruise.io operators.coreos.com triggers.tekton.dev infra.contrib.fluxcd.io fleet.cattle.io build.openshift.io kubernetes.crossplane.io kubernetes.m.crossplane.io helm.crossplane.io helm.m.crossplane.io velero.io hnc.x-k8s.io management.cattle.io keda.sh opentelemetry.io',
    '*',
    'has a controller with wider rights make what it says',
  ],
} as const satisfies Record<string, Row>

/** What reaches over the whole cluster, and so wants a yes by default. */
export const CONTROL_PLANE = toEntries('approval', { ...BUILT_IN, ...ADDED })

/** Stands in where the catalogue has nothing of the kind: an object without a namespace is everybody's. */
export const [CLUSTER_WRITE] = toEntries('approval', {
  'cluster-write': [
    'high',
    WRITE,
    '-',
    '-',
    'changes something that is in no namespace, and of which nothing more is known',
  ],
}) as [RiskEntry]
