import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { KubeConfig } from '@kubernetes/client-node'
import { ClusterError } from '../cluster-error.ts'
import { PooledKubeConfig } from './pooled-kubeconfig.ts'

export interface KubeconfigChoice {
  readonly file: string
  /** Null: the file's current one. */
  readonly context: string | null
}

/** A kubeconfig that names a cluster and a user. Rejects with a ClusterError that says what to mend. */
export async function loadKubeconfig({ file, context }: KubeconfigChoice): Promise<KubeConfig> {
  const text = await readFile(file, 'utf8').catch(cause => {
    throw new ClusterError('usage', `cannot read the kubeconfig ${file}`, cause)
  })
  const config = parse(text, file)
  // client-node exits nowhere else for a missing context but at the first request, and then without a name.
  if (context !== null) config.setCurrentContext(context)
  const names = config.getContexts().map(each => each.name)
  const current = config.getCurrentContext()
  if (!names.includes(current)) {
    const named = current === '' || current === undefined ? 'no current context' : `no context "${current}"`
    throw new ClusterError('usage', `${file} has ${named}; it has ${names.join(', ') || 'none at all'}`)
  }
  if (config.getCurrentCluster() === null || config.getCurrentUser() === null) {
    throw new ClusterError('usage', `${file}: context "${current}" names a cluster or a user that is not in the file`)
  }
  config.makePathsAbsolute(dirname(file))
  return config
}

function parse(text: string, file: string): KubeConfig {
  const config = new PooledKubeConfig()
  try {
    config.loadFromString(text)
  } catch (cause) {
    throw new ClusterError('usage', `${file} is not a kubeconfig`, cause)
  }
  return config
}
