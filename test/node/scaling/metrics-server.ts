import type { Node } from '../../../local/node/node.ts'
import { ensureMetricsServer } from '../../../local/toolchain/node-tools.ts'
import { asked } from '../faults/parts.ts'

const NAME = 'metrics-server'
const here = { name: NAME, namespace: 'kube-system' }
const labels = { 'k8s-app': NAME }
const PORT = 10_250
const RBAC = 'rbac.authorization.k8s.io'

/** What pods use, as clusters have it told. */
export async function startMetricsServer(node: Node): Promise<void> {
  const program = await ensureMetricsServer(line => console.log(line))
  const items = [...rights(), pod(node, program), service, apiService]
  await asked(node, ['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  await asked(node, ['wait', '--for=condition=Available', 'apiservice/v1beta1.metrics.k8s.io', '--timeout=180s'])
}

function rights(): readonly object[] {
  const subjects = [{ kind: 'ServiceAccount', ...here }]
  const bound = (name: string, role: string) => ({
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
    subjects,
  })
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: here },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRole',
      metadata: { name: `system:${NAME}` },
      rules: [
        { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
        { apiGroups: [''], resources: ['pods', 'nodes', 'namespaces', 'configmaps'], verbs: ['get', 'list', 'watch'] },
      ],
    },
    bound(`system:${NAME}`, `system:${NAME}`),
    bound(`${NAME}:system:auth-delegator`, 'system:auth-delegator'),
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata: { name: `${NAME}-auth-reader`, namespace: here.namespace },
      roleRef: { apiGroup: RBAC, kind: 'Role', name: 'extension-apiserver-authentication-reader' },
      subjects,
    },
  ]
}

/** The program of this machine's toolchain, in an image that is there. */
function pod({ images }: Node, program: string): object {
  const authority = '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt'
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...here, labels },
    spec: {
      serviceAccountName: NAME,
      containers: [
        {
          name: NAME,
          image: images.node,
          imagePullPolicy: 'Never',
          command: [`/${NAME}`, '--cert-dir=/tmp', `--secure-port=${PORT}`],
          args: [
            '--kubelet-preferred-address-types=InternalIP',
            `--kubelet-certificate-authority=${authority}`,
            // As often as it can be had; it refuses to wait for one answer as long as that.
            ...['--metric-resolution=10s', '--kubelet-request-timeout=5s'],
          ],
          ports: [{ name: 'https', containerPort: PORT }],
          readinessProbe: { httpGet: { path: '/readyz', port: 'https', scheme: 'HTTPS' }, periodSeconds: 2 },
          volumeMounts: [{ name: 'program', mountPath: `/${NAME}`, readOnly: true }],
        },
      ],
      volumes: [{ name: 'program', hostPath: { path: program, type: 'File' } }],
    },
  }
}

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: here,
  spec: { selector: labels, ports: [{ port: 443, targetPort: 'https' }] },
}

const apiService = {
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: 'v1beta1.metrics.k8s.io' },
  spec: {
    service: here,
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    insecureSkipTLSVerify: true,
    groupPriorityMinimum: 100,
    versionPriority: 100,
  },
}
