import { CoreV1Api } from '@kubernetes/client-node'
import { asked } from '../calls.ts'
import { ClusterError } from '../cluster-error.ts'
import { inCluster } from '../connect/in-cluster.ts'
import { type KubeconfigChoice, loadKubeconfig } from '../connect/load-kubeconfig.ts'

export interface ConfigMapToKeep {
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly values: Readonly<Record<string, string>>
}

/** ConfigMaps that are made once and kept up to date. Rejects with a ClusterError. */
export interface ConfigMapStore {
  /** `foreign`: one is there without these labels, and stays as it is. `unreachable`: there is no such namespace, or no right in it. */
  keep(map: ConfigMapToKeep): Promise<'made' | 'renewed' | 'is there' | 'foreign' | 'unreachable'>
}

/** `choice` null: from inside of a pod, with its own account. */
export async function connectConfigMapStore(choice: KubeconfigChoice | null): Promise<ConfigMapStore> {
  const config = choice === null ? inCluster() : await loadKubeconfig(choice)
  const core = config.makeApiClient(CoreV1Api)
  return {
    keep: map => keep(core, map).catch(error => (isOutOfReach(error) ? 'unreachable' : Promise.reject(error))),
  }
}

async function keep(core: CoreV1Api, { namespace, name, labels, values }: ConfigMapToKeep) {
  const what = `ConfigMap ${name} in ${namespace}`
  const body = { metadata: { name, labels: { ...labels } }, data: { ...values } }
  try {
    await asked(what, () => core.createNamespacedConfigMap({ namespace, body }))
    return 'made'
  } catch (error) {
    if (!(error instanceof ClusterError) || error.status !== 409) throw error
  }
  const found = await asked(what, () => core.readNamespacedConfigMap({ namespace, name }))
  const isOurs = Object.entries(labels).every(([key, value]) => found.metadata?.labels?.[key] === value)
  if (!isOurs) return 'foreign'
  if (Object.entries(values).every(([key, value]) => found.data?.[key] === value)) return 'is there'
  const changed = { ...found, data: { ...found.data, ...values } }
  await asked(what, () => core.replaceNamespacedConfigMap({ namespace, name, body: changed }))
  return 'renewed'
}

function isOutOfReach(error: unknown): boolean {
  return error instanceof ClusterError && (error.status === 404 || error.status === 403)
}
