import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'

/** What every pod of the local cluster has said so far. */
export const LOG_LINE = 'the server is up'

const API = 'kwok.x-k8s.io/v1alpha1'

/**
 * A node that is ready, pods that start and end, logs and exec: kwok plays the kubelet. A command in a pod runs on this machine, as
 * our own user, in an empty folder.
 */
export async function writeKwokConfig(directory: string, nodePort: number): Promise<string> {
  const logs = join(directory, 'pod.log')
  const workDir = join(directory, 'pod')
  await mkdir(workDir)
  await writeFile(logs, `2026-01-01T00:00:00.000000000Z stdout F ${LOG_LINE}\n`)
  const documents = [
    nodeReady(nodePort),
    podReady,
    podComplete,
    podDelete,
    resource('ClusterLogs', { logs: [{ logsFile: logs, follow: true }] }),
    resource('ClusterExec', { execs: [{ local: { workDir } }] }),
    // Whatever the port, it sends back what it is sent.
    resource('ClusterPortForward', { forwards: [{ command: ['cat'] }] }),
    resource('ClusterAttach', { attaches: [{ logsFile: logs }] }),
  ]
  const file = join(directory, 'kwok.yaml')
  await writeFile(file, documents.map(document => stringify(document, { aliasDuplicateObjects: false })).join('---\n'))
  return file
}

function resource(kind: string, spec: object): object {
  return { apiVersion: API, kind, metadata: { name: kind.toLowerCase() }, spec }
}

function stage(name: string, spec: object): object {
  return { apiVersion: API, kind: 'Stage', metadata: { name }, spec }
}

function nodeReady(nodePort: number): object {
  return stage('node-ready', {
    resourceRef: { apiGroup: 'v1', kind: 'Node' },
    selector: {
      matchExpressions: [
        { key: '.status.conditions.[] | select( .type == "Ready" ) | .status', operator: 'NotIn', values: ['True'] },
      ],
    },
    next: {
      statusTemplate: `
{{ $now := Now }}
addresses:
- { type: InternalIP, address: 127.0.0.1 }
daemonEndpoints:
  kubeletEndpoint: { Port: ${nodePort} }
allocatable: { cpu: "32", memory: 64Gi, pods: "500" }
capacity: { cpu: "32", memory: 64Gi, pods: "500" }
conditions:
- type: Ready
  status: "True"
  reason: KubeletReady
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}
`,
    },
  })
}

const podReady = stage('pod-ready', {
  resourceRef: { apiGroup: 'v1', kind: 'Pod' },
  selector: {
    matchExpressions: [
      { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' },
      { key: '.status.podIP', operator: 'DoesNotExist' },
    ],
  },
  next: {
    statusTemplate: `
{{ $now := Now }}
conditions:
- { type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }} }
- { type: Ready, status: "True", lastTransitionTime: {{ $now | Quote }} }
- { type: ContainersReady, status: "True", lastTransitionTime: {{ $now | Quote }} }
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: true
  restartCount: 0
  started: true
  state: { running: { startedAt: {{ $now | Quote }} } }
{{ end }}
hostIP: 127.0.0.1
podIP: {{ PodIPWith .spec.nodeName false ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}
phase: Running
startTime: {{ $now | Quote }}
`,
  },
})

/** Whoever waits for a job would wait for ever. */
const podComplete = stage('pod-complete', {
  resourceRef: { apiGroup: 'v1', kind: 'Pod' },
  selector: {
    matchExpressions: [
      { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' },
      { key: '.metadata.ownerReferences.[].kind', operator: 'In', values: ['Job'] },
      { key: '.status.phase', operator: 'In', values: ['Running'] },
    ],
  },
  next: {
    statusTemplate: `
{{ $now := Now }}
{{ $root := . }}
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: false
  restartCount: 0
  started: false
  state: { terminated: { exitCode: 0, reason: Completed, startedAt: {{ $root.status.startTime | Quote }}, finishedAt: {{ $now | Quote }} } }
{{ end }}
phase: Succeeded
`,
  },
})

const podDelete = stage('pod-delete', {
  resourceRef: { apiGroup: 'v1', kind: 'Pod' },
  selector: { matchExpressions: [{ key: '.metadata.deletionTimestamp', operator: 'Exists' }] },
  next: { finalizers: { empty: true }, delete: true },
})
