/** What a ServiceMonitor of ours says; the schema of Prometheus' operator has much more. */
export interface Monitor {
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> }
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

/** What Prometheus' operator makes of them: Services by their labels, ports by their names, and labels that tell where it was found. */
export function scrapes(monitors: readonly Monitor[]): readonly object[] {
  return monitors.flatMap(({ metadata, spec }) =>
    spec.endpoints.map(({ port, path, interval, relabelings }, index) => ({
      job_name: `serviceMonitor/${metadata.namespace}/${metadata.name}/${index}`,
      scrape_interval: interval,
      metrics_path: path,
      kubernetes_sd_configs: [{ role: 'endpointslice', namespaces: { names: [metadata.namespace] } }],
      relabel_configs: [
        ...Object.entries(spec.selector.matchLabels).map(([name, value]) =>
          keep(`__meta_kubernetes_service_label_${name.replaceAll(/[^a-zA-Z0-9_]/g, '_')}`, value),
        ),
        keep('__meta_kubernetes_endpointslice_port_name', port),
        ...['namespace', 'service_name', 'pod_name', 'pod_container_name'].map(copied),
        ...relabelings.map(({ targetLabel, ...rest }) => ({ ...rest, target_label: targetLabel })),
      ],
    })),
  )
}

function keep(source: string, value: string): object {
  return { action: 'keep', source_labels: [source], regex: value.replaceAll('.', '\\.') }
}

function copied(found: string): object {
  const label = found.replace(/_name$/, '').replace(/^pod_/, '')
  return { source_labels: [`__meta_kubernetes_${found}`], target_label: label }
}
