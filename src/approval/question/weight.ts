import type { Fact } from './facts.ts'

/** Fields by which a pod leaves its own walls, or comes to more than its own. */
const REACHES: ReadonlySet<string> = new Set([
  ...[
    'privileged',
    'hostNetwork',
    'hostPID',
    'hostIPC',
    'hostPath',
    'hostPort',
    'hostUsers',
    'hostProcess',
    'hostAliases',
  ],
  ...[
    'capabilities',
    'allowPrivilegeEscalation',
    'procMount',
    'runAsUser',
    'runAsGroup',
    'runAsNonRoot',
    'seccompProfile',
  ],
  ...[
    'appArmorProfile',
    'seLinuxOptions',
    'windowsOptions',
    'sysctls',
    'devices',
    'volumeDevices',
    'csi',
    'flexVolume',
  ],
  ...[
    'shareProcessNamespace',
    'persistentVolumeClaim',
    'volumeClaimTemplates',
    'ephemeral',
    'resourceClaims',
    'fsGroup',
  ],
  ...['supplementalGroups', 'dnsConfig', 'dnsPolicy', 'runtimeClassName', 'nodeSelector', 'tolerations', 'affinity'],
  ...['externalIPs', 'externalName', 'caBundle', 'priorityClassName'],
  ...['serviceAccountName', 'serviceAccount', 'serviceAccountToken', 'podCertificate', 'automountServiceAccountToken'],
  ...['secret', 'secretRef', 'secretKeyRef', 'secretName', 'imagePullSecrets', 'nodePublishSecretRef', 'projected'],
  ...[
    'nodeName',
    'ownerReferences',
    'finalizers',
    'roleRef',
    'subjects',
    'rules',
    'webhooks',
    'clientConfig',
    '$patch',
  ],
])

/** Fields that say what runs. */
const RUNS: ReadonlySet<string> = new Set([
  ...[
    'volumes',
    'volumeMounts',
    'script',
    'source',
    'stdin',
    'tty',
    'image',
    'command',
    'args',
    'env',
    'envFrom',
    'exec',
    'lifecycle',
    'livenessProbe',
    'readinessProbe',
    'startupProbe',
  ],
  ...['initContainers', 'ephemeralContainers', 'workingDir', 'replicas'],
])

export type Weight = 'reaches' | 'runs' | 'other'

/** How much an approver needs to see this one. */
export function weightOf({ path }: Fact): Weight {
  if (path.some(name => REACHES.has(name))) return 'reaches'
  return path.some(name => RUNS.has(name)) ? 'runs' : 'other'
}
