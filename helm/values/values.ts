import { autoscaling, component } from './component.ts'
import { ledger } from './ledger.ts'
import { networkPolicy } from './network.ts'
import { sessions } from './sessions.ts'
import { clickhouse, redis } from './stores.ts'
import {
  count,
  existingSecret,
  flag,
  group,
  labels,
  maybeCount,
  object,
  objects,
  oneOf,
  ports,
  text,
  texts,
  type Values,
} from './value.ts'

const DURATION = { pattern: '^([0-9]+(ms|s|m|h|d))+$' }

function image(doc: string, repository: string, tag: string, registry = 'docker.io') {
  return group(doc, {
    registry: text('Registry; global.imageRegistry goes before it.', registry),
    repository: text(
      repository === ''
        ? 'Repository, such as leasegate/leasegate. There is none by default: no public name is ours.'
        : 'Repository.',
      repository,
    ),
    tag: text(tag === '' ? "Tag. Empty: the chart's appVersion." : 'Tag.', tag, tag === '' ? {} : { minLength: 1 }),
    digest: text('Digest (sha256:…); goes before the tag.', '', { pattern: '^(sha256:[0-9a-f]{64})?$' }),
    pullPolicy: oneOf('When to pull.', 'IfNotPresent', ['Always', 'IfNotPresent', 'Never']),
  })
}

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

  embedded: group(
    'For evaluation: a Valkey of one replica, and ClickHouse as a library inside of the tap. Not for production.',
    {
      enabled: flag('Use it instead of redis.url and clickhouse.url.', false),
      replicas: count('Of Envoy, authorizer and broker, at most: to try it out, one will do.', 1, 1),
      cpu: text(
        'CPU that each container asks for, instead of what its resources say: all of it fits a node of two cores. Empty: as they say.',
        '50m',
      ),
      valkey: group('The Valkey.', {
        image: image('Its image.', 'valkey/valkey', '9.1-alpine'),
        resources: object('Requests and limits; of the memory, three fifths are for what it holds.', {
          requests: { cpu: '100m', memory: '256Mi' },
          limits: { memory: '1Gi' },
        }),
        storage: text('Size of its volume.', '4Gi'),
        nodeSelector: labels('Nodes that it may run on.'),
        tolerations: objects('Its tolerations.'),
        affinity: object('Its affinity.'),
        priorityClassName: text('Its PriorityClass.'),
      }),
      clickhouse: group('The engine in the tap.', { storage: text('Size of its volume.', '20Gi') }),
      storageClassName: text('StorageClass of both volumes. Empty: the default one.'),
    },
  ),

  tls: group('Certificates: one that agents see, and those by which the parts know each other.', {
    mode: oneOf(
      'certManager; existingSecrets; or generate: a job with our own image makes what is missing, and makes anew what it made, in time and for other hosts; what it did not make it leaves.',
      'generate',
      ['certManager', 'existingSecrets', 'generate'],
    ),
    hosts: texts('More names and addresses under which agents reach Envoy; its Service names are always among them.'),
    generate: group('What the job makes.', {
      days: count(
        'How long certificates of processes live; with a third of it left they are made anew. The CA lives ten years.',
        42,
        1,
      ),
      schedule: text('When a CronJob looks whether it is time.', '17 3 * * *'),
    }),
    certManager: group('Where the certificates come from.', {
      issuerRef: object(
        'Issuer of the certificate that agents see. Empty: a CA of our own. It is asked for tls.hosts alone.',
      ),
      serviceNames: flag(
        "Ask that issuer for the Service's names too: an internal one signs them, a public one refuses.",
        false,
      ),
      duration: text('Lifetime.', '2160h'),
      renewBefore: text('How long before its end a certificate is replaced.', '720h'),
    }),
    existingSecrets: group('Secrets of type kubernetes.io/tls, each with ca.crt beside.', {
      server: text('What agents see.'),
      envoy: text("Envoy's, as a client of the others; its SAN must be envoy.leasegate.internal."),
      authorizer: text("The authorizers'; SAN authorizer.leasegate.internal."),
      tap: text("The tap's; SAN tap.leasegate.internal."),
      broker: text("The broker's; SAN broker.leasegate.internal."),
    }),
  }),

  clientCertificates: group('Certificates of agents, to which leases can be bound.', {
    enabled: flag(
      'Envoy asks whoever connects for a certificate, and none has to have one. Browsers that have one ask their user, the console among what they show.',
      false,
    ),
    existingConfigMap: group('Roots of those that are believed.', {
      name: text(
        'Its name. Each of its keys is a file in /etc/leasegate/client-ca, which certificateAuthorities of the policy name: file: /etc/leasegate/client-ca/bundle.crt. It may change at any time.',
      ),
    }),
  }),

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

  console: group('Pages for approvers and admins, served by the broker at /console.', {
    url: text(
      'Where browsers reach it: https://, a host of tls.hosts and the port of the broker. Under another name it is not served. Empty: no console.',
      '',
      { pattern: '^(https://[^/?#]+)?$' },
    ),
    issuer: text('OpenID Connect issuer that people sign in with. The policy has an issuer of this name.'),
    clientId: text(
      'Client that the console is there, and the audience of that issuer in the policy. Its redirect URI is the URL with /console/signed-in.',
      'leasegate',
    ),
    existingClientSecret: group('Secret with the client secret.', {
      name: text('Its name. Empty: a public client, with PKCE alone.'),
      key: text('Key in it.', 'client-secret'),
    }),
    issuerCaFile: text("Of policy.files, the CA of the issuer. Empty: the system's."),
    scopes: text('Scopes that are asked for.', 'openid profile email'),
    existingRecordSecret: group(
      'Secret with user and password of an account in ClickHouse that reads the record for pages.',
      {
        name: text('Its name. Empty: pages show nothing of the record. `leasegate migrate --access` prints its role.'),
        userKey: text('Key of the user.', 'user'),
        passwordKey: text('Key of the password.', 'password'),
      },
    ),
    session: text('How long somebody stays signed in.', '8h', DURATION),
    idle: text('The same without any page asked for.', '1h', DURATION),
  }),

  webhook: group('Where new questions are posted to, signed (Standard Webhooks).', {
    url: text('Its URL. Empty: nowhere.', '', { pattern: '^(https://.+)?$' }),
    existingSecret: group('Secret with what it is signed with.', {
      name: text('Its name.'),
      key: text('Key in it: whsec_ and the base64 of 24 to 64 bytes.', 'webhook-secret'),
    }),
    caFile: text("Of policy.files, the CA of the receiver. Empty: the system's."),
  }),

  notify: group('What it takes to tell people of questions as `notify` of the policy says.', {
    existingSecret: group('Secret with tokens, passwords and signing secrets.', {
      name: text(
        'Its name. Each of its keys is a file in /etc/leasegate/notify, which the policy names: tokenFile: /etc/leasegate/notify/slack-token.',
      ),
    }),
  }),

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

  jobs: group('Jobs that prepare an install or upgrade: certificates, keys, the schema.', {
    hooks: flag(
      'Run them as hooks of Helm. Off: as plain Jobs, named by their content, for platforms that only render: they run again when it changes.',
      true,
    ),
    preflight: flag('Look at the stores before anything changes. Off where they come with the same release.', true),
    annotations: labels('Annotations of the jobs and of what they need, such as argocd.argoproj.io/hook: PreSync.'),
    activeDeadlineSeconds: maybeCount(
      'How long one may take. Null: 240 as a hook, within what Helm waits; else without an end.',
    ),
    resources: object('Requests and limits, of the containers that look at the policy before others start as well.', {
      requests: { cpu: '50m', memory: '128Mi' },
      limits: { memory: '512Mi' },
    }),
    ttlSecondsAfterFinished: count(
      'How long a finished hook stays. A plain Job stays: its absence would be a difference.',
      600,
    ),
    podAnnotations: labels('Annotations of their pods.'),
    nodeSelector: labels('Nodes that they may run on.'),
    tolerations: objects('Their tolerations.'),
    affinity: object('Their affinity.'),
    priorityClassName: text('Their PriorityClass.'),
  }),

  networkPolicy,

  metrics: group('Prometheus.', {
    serviceMonitor: group('ServiceMonitor of the Prometheus operator.', {
      enabled: flag('Make it.', false),
      interval: text('How often.', '30s'),
      labels: labels('Its labels, by which a Prometheus finds it.'),
    }),
    podMonitor: group('PodMonitor instead.', {
      enabled: flag('Make it.', false),
      interval: text('How often.', '30s'),
      labels: labels('Its labels.'),
    }),
    prometheusRule: group('Alarms.', {
      enabled: flag('Make them.', false),
      labels: labels('Labels of the PrometheusRule.'),
      alertLabels: labels('Labels of each alarm beside its severity, by which it is routed.'),
      disabled: texts('Alarms that are not wanted, by name.'),
      runbookUrl: text(
        'Where the runbooks are; the name of the alarm, in small letters, goes after it.',
        'https://github.com/leasegate/leasegate/blob/main/helm/runbooks.md#',
      ),
    }),
    dashboards: group('Grafana dashboards over the ClickHouse data source, as ConfigMaps for its sidecar.', {
      enabled: flag('Make them.', false),
      label: text('Label that the sidecar looks for.', 'grafana_dashboard'),
      labelValue: text('Its value.', '1'),
      annotations: labels('Annotations, such as the folder.'),
    }),
  }),

  tests: group('`helm test`: `leasegate doctor` in a pod of its own. Resources and nodes are those of jobs.', {
    enabled: flag('Make it.', true),
    strict: flag('Warnings fail it as well.', false),
    cluster: oneOf(
      "Look at roles and bindings, and ask what the boundary's account may. auto: where apiServer.host is this cluster's own.",
      'auto',
      ['auto', 'always', 'never'],
    ),
    host: text(
      'Name by which it reaches Envoy, one of its certificate. Empty: the Service, or the first of tls.hosts where an issuer was asked for those alone.',
    ),
    publicCa: flag(
      'The certificate that agents see is from a CA that systems know: there is no ca.crt beside it.',
      false,
    ),
  }),

  openshift: flag('Leave user and group ids to OpenShift. By itself where the cluster is one.', false),
  extraObjects: objects('More objects, passed through tpl.'),
}
