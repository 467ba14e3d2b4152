import { ClusterError } from '../cluster-error.ts'
import { PooledKubeConfig } from './pooled-kubeconfig.ts'

/** The cluster that this pod runs in, as its own account. */
export function inCluster(): PooledKubeConfig {
  if ((process.env['KUBERNETES_SERVICE_HOST'] ?? '') === '') {
    throw new ClusterError('usage', 'this does not run in a pod: name a --kubeconfig')
  }
  const config = new PooledKubeConfig()
  config.loadFromCluster()
  return config
}
