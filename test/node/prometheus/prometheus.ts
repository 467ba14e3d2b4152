import { stringify } from 'yaml'
import type { Node } from '../../../local/node/node.ts'
import { asked } from '../faults/parts.ts'
import { type Monitor, type Service, type Slice, scrapes } from './scrapes.ts'

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

interface Rules {
  readonly spec: { readonly groups: readonly object[] }
}

/** Prometheus in a pod of its own, with what all monitors find now, and all alarms that the cluster has. */
export async function startPrometheus(node: Node): Promise<Prometheus> {
  const monitors = await items<Monitor>(node, 'servicemonitors.monitoring.coreos.com')
  const services = await items<Service>(node, 'services')
  const slices = await items<Slice>(node, 'endpointslices.discovery.k8s.io')
  const rules = await items<Rules>(node, 'prometheusrules.monitoring.coreos.com')
  const config = {
    // Often: nobody here waits for a minute more than an alarm does.
    global: { evaluation_interval: '5s' },
    rule_files: ['/etc/prometheus/rules.yml'],
    scrape_configs: scrapes(monitors, services, slices),
  }
  const files = {
    'prometheus.yml': stringify(config),
    'rules.yml': stringify({ groups: rules.flatMap(({ spec }) => spec.groups) }),
  }
  const objects = { apiVersion: 'v1', kind: 'List', items: [configMap(files), pod(node)] }
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
  const found = await asked(node, ['get', kind, '--all-namespaces', '-o', 'json'])
  return (JSON.parse(found) as { readonly items: readonly T[] }).items
}

const here = { name: NAME, namespace: NAMESPACE }

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
      automountServiceAccountToken: false,
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
