import { flag, group, labels, text, texts } from '../value.ts'

export const metrics = group('Prometheus.', {
  serviceMonitor: group('ServiceMonitor of the Prometheus operator.', {
    enabled: flag('Make it.', false),
    interval: text('How often.', '30s'),
    labels: labels('Its labels, by which a Prometheus finds it.'),
  }),
  podMonitor: group('PodMonitor instead.', {
    enabled: flag('Make it.', false),
    interval: text('How often.', '30s'),
    labels: labels('Its labels.'),
  }),
  prometheusRule: group('Alarms.', {
    enabled: flag('Make them.', false),
    labels: labels('Labels of the PrometheusRule.'),
    alertLabels: labels('Labels of each alarm beside its severity, by which it is routed.'),
    disabled: texts('Alarms that are not wanted, by name.'),
    runbookUrl: text(
      'Where the runbooks are; the name of the alarm, in small letters, goes after it.',
      'https://github.com/leasegate/leasegate/blob/main/helm/runbooks.md#',
    ),
  }),
  dashboards: group('Grafana dashboards over the ClickHouse data source, as ConfigMaps for its sidecar.', {
    enabled: flag('Make them.', false),
    label: text('Label that the sidecar looks for.', 'grafana_dashboard'),
    labelValue: text('Its value.', '1'),
    annotations: labels('Annotations, such as the folder.'),
  }),
})
