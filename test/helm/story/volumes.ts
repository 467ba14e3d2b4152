import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cluster } from '../../../local/cluster/cluster.ts'
import type { PodSpec, Volume } from './pod-spec.ts'

interface Mounting {
  readonly cluster: Cluster
  readonly namespace: string
  readonly spec: PodSpec
  /** Folder of the pod. */
  readonly folder: string
}

/** Fills a folder for each volume as a kubelet does, from what the API server has. */
export async function mountVolumes(mounting: Mounting): Promise<void> {
  for (const volume of mounting.spec.volumes ?? []) {
    const folder = join(mounting.folder, volume.name)
    await mkdir(folder, { recursive: true })
    for (const [name, content] of Object.entries(await contentOf(mounting, volume))) {
      await writeFile(join(folder, name), content, { mode: 0o600 })
    }
  }
}

async function contentOf(mounting: Mounting, volume: Volume): Promise<Readonly<Record<string, string>>> {
  const { secret, configMap, projected, emptyDir, persistentVolumeClaim } = volume
  if (secret !== undefined) return chosen(decoded(await data(mounting, 'secret', secret.secretName)), secret.items)
  if (configMap !== undefined) return chosen(await data(mounting, 'configmap', configMap.name), configMap.items)
  if (projected !== undefined) return tokens(mounting, projected.sources)
  if (emptyDir !== undefined || persistentVolumeClaim !== undefined) return {}
  throw new Error(`nobody here knows how to mount ${JSON.stringify(volume)}`)
}

function decoded(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]))
}

function chosen(
  values: Readonly<Record<string, string>>,
  items: readonly { readonly key: string; readonly path: string }[] | undefined,
): Readonly<Record<string, string>> {
  if (items === undefined) return values
  return Object.fromEntries(
    items.map(({ key, path }) => {
      const value = values[key]
      if (value === undefined) throw new Error(`there is no key ${key}`)
      return [path, value]
    }),
  )
}

async function data({ cluster, namespace }: Mounting, kind: string, name: string): Promise<Record<string, string>> {
  const found = await cluster.admin(['get', kind, name, '-n', namespace, '-o', 'json'])
  if (found.code !== 0) throw new Error(found.stderr)
  return (JSON.parse(found.stdout) as { data?: Record<string, string> }).data ?? {}
}

async function tokens(
  { cluster, namespace, spec }: Mounting,
  sources: NonNullable<Volume['projected']>['sources'],
): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {}
  for (const { serviceAccountToken } of sources) {
    if (serviceAccountToken === undefined) throw new Error('only tokens of service accounts are projected here')
    const { path, audience } = serviceAccountToken
    const forWhom = audience === undefined ? [] : ['--audience', audience]
    const made = await cluster.admin(['create', 'token', spec.serviceAccountName, '-n', namespace, ...forWhom])
    if (made.code !== 0) throw new Error(made.stderr)
    files[path] = made.stdout.trim()
  }
  return files
}
