import {
  AppsV1Api,
  CoreV1Api,
  type CoreV1ApiListNamespacedConfigMapRequest,
  KubeConfig,
  type V1ConfigMap,
  Watch,
} from '@kubernetes/client-node'

/** Where a program works, and with what. */
export class At {
  readonly config = new KubeConfig()
  readonly namespace: string
  readonly prefix: string
  readonly deployment: string
  readonly core: CoreV1Api
  readonly apps: AppsV1Api
  readonly watch: Watch

  constructor(kubeconfig: string, namespace: string, prefix: string, deployment: string) {
    this.config.loadFromFile(kubeconfig)
    this.namespace = namespace
    this.prefix = prefix
    this.deployment = deployment
    this.core = this.config.makeApiClient(CoreV1Api)
    this.apps = this.config.makeApiClient(AppsV1Api)
    this.watch = new Watch(this.config)
    // It ends a watch in which nothing has happened for thirty seconds, and has no setting for it.
    Object.assign(this.watch, { requestTimeoutMs: 600_000 })
  }

  configMap(name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}): V1ConfigMap {
    return { metadata: { name: `${this.prefix}-${name}`, labels: { client: this.prefix, ...labels } }, data }
  }

  create(name: string, data?: Record<string, string>, labels?: Record<string, string>): Promise<V1ConfigMap> {
    const body = this.configMap(name, data, labels)
    return this.core.createNamespacedConfigMap({ namespace: this.namespace, body })
  }

  delete(name: string) {
    return this.core.deleteNamespacedConfigMap({ namespace: this.namespace, name: `${this.prefix}-${name}` })
  }

  list(more: Omit<CoreV1ApiListNamespacedConfigMapRequest, 'namespace'>) {
    return this.core.listNamespacedConfigMap({ namespace: this.namespace, ...more })
  }

  async pod(): Promise<string> {
    const { items } = await this.core.listNamespacedPod({
      namespace: this.namespace,
      labelSelector: `app=${this.deployment}`,
      fieldSelector: 'status.phase=Running',
    })
    return items[0]?.metadata?.name ?? ''
  }
}
