import { autoscaling, component } from './component.ts'
import { image } from './image.ts'
import { console, notify, webhook } from './sections/approvers.ts'
import { embedded } from './sections/embedded.ts'
import { jobs, tests } from './sections/jobs.ts'
import { ledger } from './sections/ledger.ts'
import { metrics } from './sections/metrics.ts'
import { networkPolicy } from './sections/network.ts'
import { sessions } from './sections/sessions.ts'
import { clickhouse, redis } from './sections/stores.ts'
import { clientCertificates, tls } from './sections/tls.ts'
import {
  count,
  DURATION,
  existingSecret,
  flag,
  group,
  labels,
  object,
  objects,
  oneOf,
  ports,
  text,
  texts,
  type Values,
} from './value.ts'

/** Everything that can be set, in the order of values.yaml. values.yaml, its schema and the table in the README are made from this. */
export const VALUES: Values = {
  global: {
    kind: 'leaf',
    doc: 'For all pods, as parent charts set it for all their parts: imageRegistry, imagePullSecrets; and, for each pod that names none of its own, nodeSelector, tolerations, affinity, priorityClassName, topologySpreadConstraints, runtimeClassName, schedulerName, dnsPolicy, dnsConfig, hostAliases.',
    fallback: { imageRegistry: '', imagePullSecrets: [] },
    schema: { type: 'object' },
  },
  enabled: flag('For charts that have this one as a part: whether it is wanted.', true),
  nameOverride: text("Instead of the chart's name."),
  fullnameOverride: text('Instead of release and chart name.'),
  namespaceOverride: text("Instead of the release's namespace."),
  commonLabels: labels('Labels of everything.'),
  image: image("Leasegate's own image.", '', '', ''),
  imagePullSecrets: objects('Pull secrets of every pod, as [{name: …}].'),
  clusterName: text(
    'What the cluster is called in the kubeconfigs of agents and people, and in what the chart tells them.',
    'leasegate',
  ),
  clusterDomain: text("The cluster's own DNS domain.", 'cluster.local'),
  ipv6: flag('Listen on IPv6 as well as IPv4. Off where nodes have no IPv6 at all (ipv6.disable=1).', true),
  ipFamilyPolicy: text(
    'Of each Service: SingleStack, PreferDualStack or RequireDualStack. Empty: as the cluster has it.',
    '',
    {
      enum: ['', 'SingleStack', 'PreferDualStack', 'RequireDualStack'],
    },
  ),
  ipFamilies: texts('Of each Service: IPv4, IPv6, the first one first. Empty: as the cluster has it.'),
  skipMissingNamespaces: flag(
    'Leave out what belongs into namespaces of the policy, or of agents, that are not there, and name them. Off: they fail the release. Whoever only renders gets all of it.',
    true,
  ),
  logLevel: oneOf('Least severe log lines that are written.', 'info', ['debug', 'info', 'warn', 'error']),

  policy: group('Who may get which lease.', {
    inline: object('The policy file, as it is written in a file of its own. See the README.'),
    files: labels('Files that the policy names, such as a JWKS, by name and content; they lie beside it.'),
    existingConfigMap: group('A ConfigMap of your own instead.', {
      name: text('Its name. Empty: policy.inline is used.'),
      key: text('The key that holds the policy; other keys are files beside it.', 'policy.yaml'),
    }),
  }),

  plans: group('What approvers are shown of what would happen.', {
    enabled: flag(
      "The broker looks at what is asked about, and tries it by dry runs, with its own service account; where the API server is the cluster's own.",
      true,
    ),
  }),
  rbac: group('What the cluster grants, as `leasegate policy rbac` prints it.', {
    create: flag('Make roles and bindings.', true),
    impersonation: oneOf('constrained (KEP-5284), legacy, or by the version of the cluster.', 'auto', [
      'auto',
      'constrained',
      'legacy',
    ]),
    policy: object('The policy that the roles are made from, where it comes from policy.existingConfigMap.'),
    admissionPolicy: flag(
      'ValidatingAdmissionPolicies that judge what results of what leases write; with rbac.create alone.',
      true,
    ),
  }),

  apiServer: group('The API server behind the boundary, as Envoy reaches it.', {
    host: text('Name or address.', 'kubernetes.default.svc'),
    port: count('Port.', 443, 1),
    certificateName: text('Name or address in its certificate.', 'kubernetes.default.svc'),
    existingCaConfigMap: group('Its CA.', {
      name: text('ConfigMap with it; Kubernetes puts this one into every namespace.', 'kube-root-ca.crt'),
      key: text('Key in it.', 'ca.crt'),
    }),
    networks: texts(
      'Networks (CIDR) of the API server: the address of its Service and those of its endpoints, since some network plugins see the one, some the other. Empty: every address, on these ports.',
    ),
    endpointPorts: ports(
      'Ports of its endpoints, behind its Service: 6443 with kubeadm, 8443 with minikube, 16443 with MicroK8s.',
      [443, 6443],
    ),
    tokenExpirationSeconds: count("How long the boundary's own token lives; the kubelet renews it.", 3600, 600),
  }),

  redis,

  clickhouse,

  embedded,

  tls,

  clientCertificates,

  keys: group('Keys that lease tokens are signed with.', {
    existingSecret: existingSecret(
      'Secret with both sets; without it the job makes it once. Rotate with `leasegate keys rotate`.',
      {
        signingKey: 'signing.jwks.json',
        publicKey: 'public.jwks.json',
      },
    ),
    leaseTokenTtl: text('How long a lease token lives.', '15m', DURATION),
  }),

  envoy: component(
    'Envoy: what agents and people reach, and the only part that holds a credential of the cluster.',
    {
      replicas: 2,
      resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '1536Mi' } },
      graceSeconds: 60,
      minReadySeconds: 5,
    },
    {
      image: image("Envoy's image, distroless.", 'envoyproxy/envoy', 'distroless-v1.40.0'),
      autoscaling: autoscaling(2, 10),
      concurrency: count('Worker threads.', 2, 1),
      connections: group('How many connections each listener of a pod takes at once; an idle one costs 15 KiB.', {
        boundary: count(
          'Of agents. Envoy counts none by source: what one may take is for a load balancer to say.',
          15_000,
          1,
        ),
        broker: count('Of agents, approvers and admins who ask for leases or answer questions.', 2000, 1),
      }),
      drainSeconds: count('How long open requests and streams may go on when a pod stops.', 45, 1),
      logLevel: oneOf("Least severe lines of Envoy's own log.", 'warn', ['debug', 'info', 'warn', 'error']),
      companion: group('The container beside Envoy that shows its metrics and drains it.', {
        resources: object('Requests and limits.', {
          requests: { cpu: '20m', memory: '64Mi' },
          limits: { memory: '256Mi' },
        }),
      }),
      service: group('The Service that agents and people reach.', {
        type: oneOf('Kind of Service.', 'ClusterIP', ['ClusterIP', 'NodePort', 'LoadBalancer']),
        annotations: labels('Its annotations.'),
        boundaryPort: count('Port of the boundary.', 443, 1),
        brokerPort: count('Port of the broker.', 8443, 1),
        loadBalancerClass: text('Class of a LoadBalancer.'),
        loadBalancerIP: text('Its address, where the provider goes by it.'),
        trafficDistribution: text('Of the Service, such as PreferClose.'),
        loadBalancerSourceRanges: texts('Networks that a LoadBalancer lets in.'),
        externalTrafficPolicy: oneOf('Local keeps the address of the agent for the record.', 'Cluster', [
          'Cluster',
          'Local',
        ]),
      }),
    },
  ),

  console,

  webhook,

  notify,

  authorizer: component(
    'Decides about each request. One process uses one core.',
    {
      replicas: 2,
      resources: { requests: { cpu: '500m', memory: '256Mi' }, limits: { memory: '1Gi' } },
      graceSeconds: 60,
      minReadySeconds: 35,
    },
    {
      autoscaling: autoscaling(2, 10),
      checkDeadline: text('Time for one decision; after it the answer is a denial.', '1s', DURATION),
      drainLimit: text('How long a stopping process keeps open streams.', '45s', DURATION),
      unconfirmedLimit: text(
        'Open streams are cut when their lease could not be confirmed for so long.',
        '10s',
        DURATION,
      ),
    },
  ),

  broker: component(
    'Gives out leases and takes approvals.',
    {
      replicas: 2,
      resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
      graceSeconds: 75,
      minReadySeconds: 35,
    },
    {
      approvalAsk: text('How long a question waits for an approver.', '15m', DURATION),
      approvalUse: text('How long a yes can be used, once.', '5m', DURATION),
      tokenReview: flag(
        'Give it the right to ask the API server whether it still holds a token (create tokenreviews), for issuers of the policy with tokenReview: true.',
        false,
      ),
    },
  ),

  tap: component(
    'Writes the record.',
    {
      replicas: 2,
      resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '2Gi' } },
      graceSeconds: 30,
      minReadySeconds: 35,
    },
    {},
  ),

  sessions,

  ledger,

  jobs,

  networkPolicy,

  metrics,

  tests,

  openshift: flag('Leave user and group ids to OpenShift. By itself where the cluster is one.', false),
  extraObjects: objects('More objects, passed through tpl.'),
}
