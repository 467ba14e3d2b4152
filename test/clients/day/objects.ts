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
