import { readFile } from 'node:fs/promises'
import {
  AuthorizationV1Api,
  CertificatesV1Api,
  CoreV1Api,
  type KubeConfig,
  RbacAuthorizationV1Api,
} from '@kubernetes/client-node'
import { admissionObjects } from '../admission-objects.ts'
import { all, asked, orNone } from '../calls.ts'
import type { Cluster } from '../cluster.ts'
import { discover } from '../discover.ts'
import { inCluster } from './in-cluster.ts'
import { type KubeconfigChoice, loadKubeconfig } from './load-kubeconfig.ts'
import {
  toBinding,
  toClusterBinding,
  toClusterRole,
  toConfigMap,
  toPod,
  toReview,
  toRole,
  toSecret,
  toSigningRequest,
} from './to-cluster.ts'

/**
 * The cluster of a kubeconfig; null: the one that this pod is in, as its own account. Nothing is asked of it yet. Rejects with a
 * ClusterError of code `usage`.
 */
export async function connectCluster(choice: KubeconfigChoice | null): Promise<Cluster> {
  const config = choice === null ? inCluster() : await loadKubeconfig(choice)
  const core = config.makeApiClient(CoreV1Api)
  const rbac = config.makeApiClient(RbacAuthorizationV1Api)
  const certificates = config.makeApiClient(CertificatesV1Api)
  const authorization = config.makeApiClient(AuthorizationV1Api)
  return {
    server: config.getCurrentCluster()?.server ?? '',
    ca: await readCa(config),
    bindings: async () => [
      ...(await all('clusterrolebindings', page => rbac.listClusterRoleBinding(page))).map(toClusterBinding),
      ...(await all('rolebindings', page => rbac.listRoleBindingForAllNamespaces(page))).map(toBinding),
    ],
    roles: async () => [
      ...(await all('clusterroles', page => rbac.listClusterRole(page))).map(toClusterRole),
      ...(await all('roles', page => rbac.listRoleForAllNamespaces(page))).map(toRole),
    ],
    secrets: async namespace =>
      (await all('secrets', page => core.listNamespacedSecret({ namespace, ...page }))).map(toSecret),
    configMaps: async namespace =>
      (await all('configmaps', page => core.listNamespacedConfigMap({ namespace, ...page }))).map(toConfigMap),
    pods: async namespace => (await all('pods', page => core.listNamespacedPod({ namespace, ...page }))).map(toPod),
    namespaces: async () =>
      (await all('namespaces', page => core.listNamespace(page))).map(({ metadata }) => metadata?.name ?? ''),
    signingRequests: async () =>
      (await all('certificatesigningrequests', page => certificates.listCertificateSigningRequest(page))).map(
        toSigningRequest,
      ),
    resources: () => discover(config),
    admissionObjects: () => admissionObjects(config),
    configMap: async (namespace, name) => {
      const found = await orNone(
        asked('configmaps', () => core.readNamespacedConfigMap({ namespace, name })),
        null,
      )
      return found === null ? null : toConfigMap(found)
    },
    may: async (subject, action) => {
      const body = toReview(subject, action)
      const { status } = await asked('subjectaccessreviews', () => authorization.createSubjectAccessReview({ body }))
      return status?.allowed === true
    },
  }
}

async function readCa(config: KubeConfig): Promise<string | null> {
  const { caData, caFile } = config.getCurrentCluster() ?? {}
  if (caData !== undefined) return Buffer.from(caData, 'base64').toString('utf8')
  return caFile === undefined ? null : readFile(caFile, 'utf8')
}
