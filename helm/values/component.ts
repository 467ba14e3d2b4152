import {
  count,
  countOrShare,
  flag,
  type Group,
  group,
  labels,
  maybeCount,
  object,
  objects,
  text,
  type Values,
} from './value.ts'

interface Defaults {
  readonly replicas: number
  readonly resources: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly graceSeconds: number
  readonly minReadySeconds: number
}

/** What every Deployment of the chart lets be set, the same for all of them. */
export function component(
  doc: string,
  { replicas, resources, graceSeconds, minReadySeconds }: Defaults,
  own: Values = {},
): Group {
  return group(doc, {
    replicas: count('How many, where it does not scale by itself.', replicas),
    ...own,
    resources: object('Requests and limits.', resources),
    strategy: object('How its pods are replaced.', { rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } }),
    pdb: group('PodDisruptionBudget; made where more than one runs.', {
      enabled: flag('Make one.', true),
      maxUnavailable: countOrShare('How many may be away at once.', 1),
    }),
    serviceAccount: group('The account that its pods run as.', {
      create: flag('Make it.', true),
      name: text(
        'Its name. Empty: the name of the component, also where it is made elsewhere: rights are for this one alone.',
      ),
      annotations: labels('Its annotations.'),
    }),
    annotations: labels('Annotations of the Deployment.'),
    podAnnotations: labels('Annotations of its pods.'),
    podLabels: labels('Labels of its pods.'),
    podSecurityContext: object(
      'Security context of its pods, in addition to the restricted one, or instead of parts of it.',
    ),
    securityContext: object('The same for its containers.'),
    terminationGracePeriodSeconds: count('How long it may take to stop; streams drain in this time.', graceSeconds, 1),
    minReadySeconds: count(
      'How long a new pod must be ready before an old one goes: until Envoy has heard of it by DNS.',
      minReadySeconds,
    ),
    revisionHistoryLimit: count('Old ReplicaSets that are kept.', 3),
    priorityClassName: text('PriorityClass of its pods.'),
    nodeSelector: labels('Nodes that its pods may run on.'),
    tolerations: objects('Tolerations of its pods.'),
    affinity: object('Affinity of its pods.'),
    topologySpreadConstraints: objects(
      'Spread constraints of its pods, instead of: over nodes and zones, as far as possible.',
    ),
    extraEnv: objects('More environment variables, as in a container.'),
    extraEnvFrom: objects('More sources of environment variables.'),
    extraVolumes: objects('More volumes of its pods.'),
    extraVolumeMounts: objects('More mounts of its container.'),
    extraContainers: objects('More containers in its pods.'),
    extraInitContainers: objects('More init containers in its pods.'),
  })
}

export function autoscaling(minReplicas: number, maxReplicas: number): Group {
  return group('HorizontalPodAutoscaler.', {
    enabled: flag('Let it scale by itself.', false),
    minReplicas: count('At least.', minReplicas, 1),
    maxReplicas: count('At most.', maxReplicas, 1),
    targetCPUUtilizationPercentage: maybeCount(
      'Share of the requested CPU to aim at. Null: 70, unless metrics are given.',
    ),
    metrics: objects('Metrics of autoscaling/v2 instead, such as leasegate_check_duration_seconds.'),
    behavior: object('Behaviour of autoscaling/v2.'),
  })
}
