import { readFile } from 'node:fs/promises'
import { parser } from '@prometheus-io/lezer-promql'
import { type Loose, objectsIn, render, valuesOf } from '../chart/a-chart.ts'

export interface Alarm {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** The alarms of the PrometheusRule that these additions to the scenario give. */
export async function alarms(changes: Loose = {}): Promise<readonly Alarm[]> {
  const values = await valuesOf('monitoring')
  const metrics = { ...values.metrics, prometheusRule: { ...values.metrics.prometheusRule, ...changes } }
  const objects = objectsIn(await render({ ...values, metrics }))
  return objects
    .filter(({ kind }) => kind === 'PrometheusRule')
    .flatMap(({ spec }) => spec.groups.flatMap(({ rules }: Loose) => rules))
}

export interface Matcher {
  readonly label: string
  readonly fits: (value: string | undefined) => boolean
}

export interface Selector {
  readonly metric: string
  readonly matchers: readonly Matcher[]
}

export interface Read {
  /** Places that are not PromQL. */
  readonly mistakes: readonly string[]
  readonly selectors: readonly Selector[]
  /** Labels that are matched or grouped by. */
  readonly labels: readonly string[]
}

/** An expression, read by the grammar that Prometheus' own editor reads it by. */
export function readExpression(expr: string): Read {
  const found = { mistakes: [] as string[], selectors: [] as Selector[], labels: [] as string[] }
  parser.parse(expr).iterate({
    enter: ({ name, from, to }) => {
      if (name === '⚠') found.mistakes.push(`at ${from}: ${expr.slice(from)}`)
      if (name === 'LabelName') found.labels.push(expr.slice(from, to))
      if (name === 'VectorSelector') found.selectors.push(toSelector(expr.slice(from, to)))
    },
  })
  return found
}

function toSelector(text: string): Selector {
  const matchers = [...text.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].map(([, label = '', how = '', wanted = '']) => {
    const pattern = new RegExp(`^(?:${wanted})$`)
    const is = (value: string) => (how.endsWith('~') ? pattern.test(value) : value === wanted)
    return { label, fits: (value = '') => is(value) !== how.startsWith('!') }
  })
  return { metric: /^\w+/.exec(text)?.[0] ?? '', matchers }
}

/** Sections of the runbooks, by their headings. */
export async function runbooks(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(new URL('../../../helm/runbooks.md', import.meta.url), 'utf8')
  const [, ...sections] = text.split(/^## /m)
  return new Map(sections.map(section => [section.split('\n', 1)[0] ?? '', section]))
}
