const labels = { app: 'tool' }
const container = { name: 'tool', image: 'tool:1' }

export const deployment = (replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'tool' },
  spec: {
    replicas,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { automountServiceAccountToken: false, containers: [container] } },
  },
})

/** One pod that no disruption budget lets go. */
export const guarded = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'guarded' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'guarded' } },
    template: {
      metadata: { labels: { app: 'guarded' } },
      spec: { automountServiceAccountToken: false, containers: [container] },
    },
  },
}

export const budget = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'guarded' },
  spec: { minAvailable: 1, selector: { matchLabels: { app: 'guarded' } } },
}

export const configMap = (name: string, text: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: { set: 'day' } },
  data: { text },
})

/** Two files of the day, as kustomize brings them: with a label more and another name. */
export const kustomization = (resources: readonly string[]) => ({
  apiVersion: 'kustomize.config.k8s.io/v1beta1',
  kind: 'Kustomization',
  namePrefix: 'overlay-',
  labels: [{ pairs: { overlay: 'day' } }],
  resources,
})

/** Stands for a metrics server: to kubectl it is the same API. */
export const metricsOfPods = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'pods.metrics.k8s.io', annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' } },
  spec: {
    group: 'metrics.k8s.io',
    scope: 'Namespaced',
    names: { plural: 'pods', singular: 'podmetrics', kind: 'PodMetrics', listKind: 'PodMetricsList' },
    versions: [
      {
        name: 'v1beta1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
}

export const measured = {
  apiVersion: 'metrics.k8s.io/v1beta1',
  kind: 'PodMetrics',
  metadata: { name: 'measured' },
  timestamp: '2026-01-01T00:00:00Z',
  window: '30s',
  containers: [{ name: 'c', usage: { cpu: '7m', memory: '9Mi' } }],
}

export const nightly = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'nightly' },
  spec: {
    schedule: '0 3 * * *',
    jobTemplate: {
      spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'job:1' }] } } },
    },
  },
}
