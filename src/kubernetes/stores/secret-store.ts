import { CoreV1Api } from '@kubernetes/client-node'
import { asked } from '../calls.ts'
import { ClusterError } from '../cluster-error.ts'
import { inCluster } from '../connect/in-cluster.ts'
import { type KubeconfigChoice, loadKubeconfig } from '../connect/load-kubeconfig.ts'

export interface SecretToCreate {
  readonly name: string
  readonly type: 'Opaque' | 'kubernetes.io/tls'
  readonly labels: Readonly<Record<string, string>>
  readonly values: Readonly<Record<string, string>>
}

export interface HeldSecret {
  readonly values: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly version: string
}

/** Secrets of one namespace. Rejects with a ClusterError. */
export interface SecretStore {
  /** Its values, null when there is none of this name. */
  read(name: string): Promise<Readonly<Record<string, string>> | null>
  /** The same, with its labels and the version that they are of. */
  readVersion(name: string): Promise<HeldSecret | null>
  /** Never over one that is there: false when there is. */
  create(secret: SecretToCreate): Promise<boolean>
  /** Replaces these values and leaves the others; false when it is of another version by now. */
  update(name: string, version: string, values: Readonly<Record<string, string>>): Promise<boolean>
}

/** `choice` null: from inside of a pod, with its own account. */
export async function connectSecretStore(choice: KubeconfigChoice | null, namespace: string): Promise<SecretStore> {
  const config = choice === null ? inCluster() : await loadKubeconfig(choice)
  const core = config.makeApiClient(CoreV1Api)
  const find = (name: string) =>
    unless(404, () => asked(`secret ${name}`, () => core.readNamespacedSecret({ name, namespace })))
  return {
    read: async name => {
      const found = await find(name)
      return found === null ? null : decoded(found.data)
    },
    readVersion: async name => {
      const found = await find(name)
      if (found === null) return null
      const { labels = {}, resourceVersion: version = '' } = found.metadata ?? {}
      return { values: decoded(found.data), labels, version }
    },
    create: async ({ name, type, labels, values }) => {
      const body = { metadata: { name, labels: { ...labels } }, type, stringData: { ...values }, immutable: false }
      const created = await unless(409, () =>
        asked(`secret ${name}`, () => core.createNamespacedSecret({ namespace, body })),
      )
      return created !== null
    },
    update: async (name, version, values) => {
      const found = await find(name)
      if (found === null || found.metadata?.resourceVersion !== version) return false
      const body = { ...found, stringData: { ...values } }
      const updated = await unless(409, () =>
        asked(`secret ${name}`, () => core.replaceNamespacedSecret({ name, namespace, body })),
      )
      return updated !== null
    },
  }
}

function decoded(data: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const values = Object.entries(data)
  return Object.fromEntries(values.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]))
}

async function unless<T>(status: number, call: () => Promise<T>): Promise<T | null> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof ClusterError && error.status === status) return null
    throw error
  }
}
