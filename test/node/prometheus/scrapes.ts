type Labels = Readonly<Record<string, string>>

interface Metadata {
  readonly name: string
  readonly namespace: string
  readonly labels?: Labels
}

/** What a ServiceMonitor of ours says; the schema of Prometheus' operator has much more. */
export interface Monitor {
  readonly metadata: Metadata
  readonly spec: {
    readonly selector: { readonly matchLabels: Labels }
    readonly endpoints: readonly {
      readonly port: string
      readonly path: string
      readonly interval: string
      readonly relabelings: readonly {
        readonly action: string
        readonly targetLabel: string
        readonly replacement: string
      }[]
    }[]
  }
}

export interface Service {
  readonly metadata: Metadata
}

export interface Slice {
  readonly metadata: Metadata
  readonly ports: readonly { readonly name: string; readonly port: number }[]
  readonly endpoints: readonly {
    readonly addresses: readonly string[]
    readonly targetRef: { readonly name: string }
  }[]
}

/** What Prometheus' operator makes of them, with what is found by it now: Debian's Prometheus cannot look into a cluster by itself. */
export function scrapes(
  monitors: readonly Monitor[],
  services: readonly Service[],
  slices: readonly Slice[],
): readonly object[] {
  return monitors.flatMap(({ metadata: { name, namespace }, spec }) => {
    const selected = services.filter(
      service => service.metadata.namespace === namespace && has(service.metadata.labels, spec.selector.matchLabels),
    )
    return spec.endpoints.map(({ port, path, interval, relabelings }, index) => ({
      job_name: `serviceMonitor/${namespace}/${name}/${index}`,
      scrape_interval: interval,
      scrape_timeout: interval,
      metrics_path: path,
      static_configs: selected.flatMap(service => targetsOf(service, port, slices)),
      relabel_configs: relabelings.map(({ targetLabel, ...rest }) => ({ ...rest, target_label: targetLabel })),
    }))
  })
}

function targetsOf(
  { metadata: { name, namespace } }: Service,
  port: string,
  slices: readonly Slice[],
): readonly object[] {
  return slices
    .filter(
      ({ metadata }) => metadata.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === name,
    )
    .flatMap(({ ports, endpoints }) =>
      ports
        .filter(each => each.name === port)
        .flatMap(each =>
          endpoints.map(({ addresses: [address], targetRef }) => ({
            targets: [`${address}:${each.port}`],
            labels: { namespace, service: name, pod: targetRef.name },
          })),
        ),
    )
}

function has(labels: Labels = {}, wanted: Labels): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value)
}
