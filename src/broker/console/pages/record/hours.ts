import { html } from 'hono/html'
import { type Hour, hoursOf } from '../../record/hours.ts'
import type { Span } from '../../record/timeline.ts'
import { type Html, hour } from '../../words/text.ts'
import { barChart } from './bar-chart.ts'

const SERIES = [
  { name: 'allowed', kind: 'allowed' },
  { name: 'asked', kind: 'asked' },
  { name: 'denied', kind: 'denied' },
] as const

interface HourChart {
  readonly agent: string
  readonly hours: readonly Hour[]
  readonly span: Span
  readonly highest: number
}

/** Requests of one agent, hour by hour. */
export function hourChart({ agent, hours, span, highest }: HourChart): Html {
  const at = new Map(hours.map(one => [one.at, one]))
  const bars = hoursOf(span).map(begin => {
    const { allowed = 0, pending = 0, denied = 0 } = at.get(begin) ?? {}
    return { label: hour(begin), values: [allowed, pending, denied] }
  })
  return barChart({
    label: `Requests of ${agent} by hour: ${sumsOf(hours)}`,
    columns: 'Hour',
    series: SERIES,
    bars,
    highest,
    labelEvery: 6,
  })
}

export function sumLine(hours: readonly Hour[]): Html {
  return html`<small>${sumsOf(hours)}</small>`
}

/** Of the highest bar. */
export function highestOf(hours: readonly Hour[]): number {
  return hours.reduce((most, { allowed, denied, pending }) => Math.max(most, allowed + denied + pending), 0)
}

function sumsOf(hours: readonly Hour[]): string {
  const sum = (of: (hour: Hour) => number) => hours.reduce((all, one) => all + of(one), 0)
  return `${sum(one => one.allowed)} allowed, ${sum(one => one.pending)} asked, ${sum(one => one.denied)} denied`
}
