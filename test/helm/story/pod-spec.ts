/** A pod's template as far as it is played here. */
export interface PodSpec {
  readonly serviceAccountName: string
  readonly initContainers?: readonly Container[]
  readonly containers: readonly Container[]
  readonly volumes?: readonly Volume[]
}

export interface Container {
  readonly name: string
  readonly image: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[]
  readonly startupProbe?: Probe
  readonly readinessProbe?: Probe
  readonly livenessProbe?: Probe
}

export interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string | number }
  readonly tcpSocket?: { readonly port: string | number }
}

interface Items {
  readonly items?: readonly { readonly key: string; readonly path: string }[]
}

export interface Volume {
  readonly name: string
  readonly secret?: Items & { readonly secretName: string }
  readonly configMap?: Items & { readonly name: string }
  readonly emptyDir?: object
  readonly persistentVolumeClaim?: object
  readonly projected?: {
    readonly sources: readonly {
      readonly serviceAccountToken?: { readonly path: string; readonly audience?: string }
    }[]
  }
}

export function portNumber(spec: PodSpec, port: string | number): number {
  if (typeof port === 'number') return port
  const ports = spec.containers.flatMap(
    each => (each as { ports?: { name: string; containerPort: number }[] }).ports ?? [],
  )
  const found = ports.find(({ name }) => name === port)
  if (found === undefined) throw new Error(`no container has a port ${port}`)
  return found.containerPort
}
