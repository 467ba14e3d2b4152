import { stringify } from 'yaml'
import type { Node } from '../../../local/node/node.ts'
import { asked } from '../faults/parts.ts'
import { type Monitor, scrapes } from './scrapes.ts'

/** Debian's package `prometheus`. */
export const PROGRAM = '/usr/bin/prometheus'
export const NAMESPACE = 'monitoring'
const NAME = 'prometheus'
const PORT = 9090

export interface Target {
  readonly labels: Readonly<Record<string, string>>
  readonly health: string
  readonly lastError: string
}

export interface Alert {
  readonly labels: Readonly<Record<string, string>>
  readonly state: string
}

export interface Prometheus {
  readonly targets: () => Promise<readonly Target[]>
  /** By name, those that fire or are about to. */
  readonly alerts: () => Promise<Readonly<Record<string, string>>>
}

/** Prometheus in a pod of its own, with all monitors and alarms that the cluster has. */
export async function startPrometheus(node: Node): Promise<Prometheus> {
  const monitors = await items<Monitor>(node, 'servicemonitors')
  const rules = await items<{ readonly spec: { readonly groups: readonly object[] } }>(node, 'prometheusrules')
  const config = {
    // Often: nobody here waits for a minute more than an alarm does.
    global: { evaluation_interval: '5s' },
    rule_files: ['/etc/prometheus/rules.yml'],
    scrape_configs: scrapes(monitors),
  }
  const files = {
    'prometheus.yml': stringify(config),
    'rules.yml': stringify({ groups: rules.flatMap(({ spec }) => spec.groups) }),
  }
  const objects = { apiVersion: 'v1', kind: 'List', items: [...account(), configMap(files), pod(node)] }
  await asked(node, ['apply', '-f', '-'], JSON.stringify(objects))
  await asked(node, ['wait', '--for=condition=Ready', `pod/${NAME}`, '-n', NAMESPACE, '--timeout=120s'])
  const api = `/api/v1/namespaces/${NAMESPACE}/pods/${NAME}:${PORT}/proxy/api/v1`
  const ask = async (path: string) => JSON.parse(await asked(node, ['get', '--raw', `${api}/${path}`])).data
  return {
    targets: async () => (await ask('targets?state=active')).activeTargets as readonly Target[],
    alerts: async () => {
      const alerts = (await ask('alerts')).alerts as readonly Alert[]
      return Object.fromEntries(alerts.map(({ state, labels }) => [labels['alertname'], state]))
    },
  }
}

async function items<T>(node: Node, kind: string): Promise<readonly T[]> {
  const found = await asked(node, ['get', `${kind}.monitoring.coreos.com`, '--all-namespaces', '-o', 'json'])
  return (JSON.parse(found) as { readonly items: readonly T[] }).items
}

const here = { name: NAME, namespace: NAMESPACE }

function account(): readonly object[] {
  const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: NAME }
  const look = { verbs: ['get', 'list', 'watch'] }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: here },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: NAME },
      rules: [
        { apiGroups: [''], resources: ['services', 'pods'], ...look },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], ...look },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: NAME },
      roleRef: role,
      subjects: [{ kind: 'ServiceAccount', ...here }],
    },
  ]
}

function configMap(data: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: here, data }
}

/** This machine's own program, in an image that has the C library it wants. */
function pod({ images }: Node): object {
  const args = ['--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.path=/data']
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: here,
    spec: {
      serviceAccountName: NAME,
      containers: [
        {
          name: NAME,
          image: images.node,
          imagePullPolicy: 'Never',
          command: [PROGRAM, ...args],
          readinessProbe: { httpGet: { path: '/-/ready', port: PORT }, periodSeconds: 1 },
          volumeMounts: [
            { name: 'program', mountPath: PROGRAM, readOnly: true },
            { name: 'config', mountPath: '/etc/prometheus', readOnly: true },
            { name: 'data', mountPath: '/data' },
          ],
        },
      ],
      volumes: [
        { name: 'program', hostPath: { path: PROGRAM, type: 'File' } },
        { name: 'config', configMap: { name: NAME } },
        { name: 'data', emptyDir: {} },
      ],
    },
  }
}
