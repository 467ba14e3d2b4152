import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { containersIn, type Loose, objectsIn, render, valuesOf } from '../chart/a-chart.ts'

const PARTS = ['authorizer', 'broker', 'envoy', 'tap']

async function rendered(metrics: object): Promise<readonly Loose[]> {
  const values = await valuesOf('monitoring')
  return objectsIn(await render({ ...values, metrics }))
}

function selects(selector: Loose, labels: Loose): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value)
}

/** Containers of the release that a selector finds, with those ports that have this name. */
function ports(objects: readonly Loose[], selector: Loose, port: string): readonly string[] {
  return objects
    .filter(({ spec }) => spec?.template?.spec !== undefined && selects(selector, spec.template.metadata.labels))
    .flatMap(({ metadata, spec }) =>
      containersIn(spec.template.spec).flatMap(({ name, ports = [] }) =>
        ports
          .filter((each: Loose) => each.name === port)
          .map(({ containerPort }: Loose) => `${metadata.name}/${name}:${containerPort}`),
      ),
    )
}

const EXPECTED = [
  'lg-leasegate-authorizer/authorizer:9090',
  'lg-leasegate-broker/broker:9090',
  'lg-leasegate-envoy/companion:9091',
  'lg-leasegate-tap/tap:9090',
]
const jobOf = ({ relabelings }: Loose) => relabelings.find((each: Loose) => each.targetLabel === 'job').replacement

describe('ServiceMonitor', async () => {
  const objects = await rendered({
    serviceMonitor: { enabled: true, interval: '15s', labels: { release: 'prometheus' } },
  })
  const monitors = objects.filter(({ kind }) => kind === 'ServiceMonitor')
  const services = objects.filter(({ kind }) => kind === 'Service')

  test('finds one Service of each part, and through it the one port that has metrics', () => {
    const found = monitors.flatMap(({ spec }) =>
      spec.endpoints.flatMap(({ port, path }: Loose) => {
        expect(path).toBe('/metrics')
        const named = services.flatMap(service =>
          selects(spec.selector.matchLabels, service.metadata.labels)
            ? service.spec.ports.filter((each: Loose) => each.name === port).map((each: Loose) => ({ service, each }))
            : [],
        )
        expect(named).toHaveLength(1)
        return named.flatMap(({ service, each }) => ports(objects, service.spec.selector, each.targetPort))
      }),
    )
    expect(found.sort()).toEqual(EXPECTED)
  })

  test('is found by the labels of the values, in the namespace of the release', () => {
    expect(monitors.map(({ metadata }) => metadata.labels.release)).toEqual(PARTS.map(() => 'prometheus'))
    expect(new Set(monitors.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['leasegate-system']))
    expect(objects.filter(({ kind }) => kind === 'PodMonitor')).toEqual([])
  })
})

describe('PodMonitor', async () => {
  const objects = await rendered({ podMonitor: { enabled: true } })
  const monitors = objects.filter(({ kind }) => kind === 'PodMonitor')

  test('finds the same ports', () => {
    const found = monitors.flatMap(({ spec }) =>
      spec.podMetricsEndpoints.flatMap(({ port }: Loose) => ports(objects, spec.selector.matchLabels, port)),
    )
    expect(found.sort()).toEqual(EXPECTED)
  })

  test('calls jobs what alarms and a ServiceMonitor call them', async () => {
    const others = (await rendered({ serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } })).filter(
      ({ kind }) => kind === 'ServiceMonitor' || kind === 'PrometheusRule',
    )
    const jobs = monitors.flatMap(({ spec }) => spec.podMetricsEndpoints.map(jobOf)).sort()
    expect(jobs).toEqual(PARTS.map(part => `lg-leasegate-${part}`))
    expect(others.flatMap(({ spec }) => (spec.endpoints ?? []).map(jobOf)).sort()).toEqual(jobs)
    const asked = JSON.stringify(others.filter(({ kind }) => kind === 'PrometheusRule')).matchAll(/job=\\+"([^"\\]+)/g)
    expect([...new Set([...asked].map(([, job]) => job))].sort()).toEqual(jobs)
  })
})

describe('dashboards', () => {
  test('are ConfigMaps that a sidecar finds, each as it was written, and small enough', async () => {
    const dashboards = { enabled: true, label: 'find_me', labelValue: 'yes', annotations: { folder: 'Leasegate' } }
    const maps = (await rendered({ dashboards })).filter(({ metadata }) => metadata.labels?.find_me === 'yes')
    expect(maps.map(({ metadata }) => metadata.name)).toEqual(
      ['agent', 'overview', 'system'].map(name => `lg-leasegate-dashboard-${name}`),
    )
    for (const { data, metadata } of maps) {
      expect(metadata.annotations).toEqual({ folder: 'Leasegate' })
      for (const [file, text] of Object.entries<string>(data)) {
        const written = readFileSync(new URL(`../../../src/record/dashboards/${file}`, import.meta.url), 'utf8')
        expect(JSON.parse(text)).toEqual(JSON.parse(written))
        expect(text.length).toBeLessThan(1_048_576)
      }
    }
  })
})
