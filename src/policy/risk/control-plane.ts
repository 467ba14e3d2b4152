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
    'security.istio.io networking.istio.io cilium.io projectcalico.org crd.projectcalico.org policy.networking.k8s.io policy.linkerd.io linkerd.io k8s.cni.cncf.io extensions.istio.io telemetry.istio.io install.istio.io consul.hashicorp.com kuma.io crd.antrea.io k8s.otterize.com metallb.io multicluster.x-k8s.io submariner.io externaldns.k8s.io k8s.ovn.org',
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
    'external-secrets.io generators.external-secrets.io secrets-store.csi.x-k8s.io secrets.hashicorp.com bitnami.com infisical.com secrets.infisical.com secrets.doppler.com onepassword.com secretgen.carvel.dev secretgenerator.mittwald.de ricoberger.de redhatcop.redhat.io spv.no kubernetes-client.io isindir.github.com',
    '*',
    'brings Secrets of other places into the cluster',
  ],
  'monitoring-write': [
    'high',
    WRITE,
    'monitoring.coreos.com operator.victoriametrics.com logging.banzaicloud.io fluentbit.fluent.io',
    'prometheuses prometheusagents alertmanagers thanosrulers servicemonitors podmonitors probes scrapeconfigs alertmanagerconfigs vmagents vmalertmanagers vmpodscrapes vmservicescrapes vmprobes vmstaticscrapes vmscrapeconfigs vmalertmanagerconfigs outputs flows clusteroutputs clusterflows',
    'has a controller run pods, or send Secrets that it names to an address of its choice',
  ],
  'cloud-write': [
    'high',
    WRITE,
    '*.services.k8s.aws *.cnrm.cloud.google.com *.azure.com *.upbound.io *.crossplane.io app.terraform.io cluster.x-k8s.io *.cluster.x-k8s.io machine.openshift.io metal3.io hive.openshift.io karpenter.sh karpenter.k8s.aws',
    '*',
    'has a controller change what is in a cloud account: machines, data, identities',
  ],
  'backup-write': [
    'high',
    WRITE,
    'cr.kanister.io config.kio.kasten.io actions.kio.kasten.io stork.libopenstorage.org k8up.io volsync.backube export.kubevirt.io snapshot.kubevirt.io clone.kubevirt.io',
    '*',
    'copies data out of volumes, or over what is in them',
  ],
  'chaos-write': [
    'high',
    WRITE,
    'chaos-mesh.org litmuschaos.io',
    '*',
    'has a controller stop or break pods of its choice',
  ],
  'ingress-code': [
    'high',
    WRITE,
    'configuration.konghq.com k8s.nginx.org gateway.envoyproxy.io getambassador.io projectcontour.io',
    'kongplugins kongclusterplugins virtualservers virtualserverroutes transportservers policies globalconfigurations envoypatchpolicies envoyextensionpolicies modules filters tlscertificatedelegations extensionservices',
    'has a proxy, which serves others too, run code or use Secrets that it names',
  ],
  'deployer-write': [
    'high',
    WRITE,
    'argoproj.io helm.toolkit.fluxcd.io kustomize.toolkit.fluxcd.io source.toolkit.fluxcd.io helm.cattle.io tekton.dev serving.knative.dev apps.kruise.io operators.coreos.com triggers.tekton.dev infra.contrib.fluxcd.io fleet.cattle.io build.openshift.io kubernetes.crossplane.io kubernetes.m.crossplane.io helm.crossplane.io helm.m.crossplane.io velero.io hnc.x-k8s.io management.cattle.io k3s.cattle.io keda.sh opentelemetry.io notification.toolkit.fluxcd.io image.toolkit.fluxcd.io apps.open-cluster-management.io work.open-cluster-management.io policy.open-cluster-management.io work.karmada.io policy.karmada.io core.oam.dev types.kubefed.io core.kubefed.io kappctrl.k14s.io packaging.carvel.dev tower.ansible.com template.openshift.io',
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
