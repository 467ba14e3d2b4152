import { html } from 'hono/html'
import type { Waits } from '../../record/approvals.ts'
import type { Hour } from '../../record/hours.ts'
import type { Listed } from '../../record/look.ts'
import type { Span } from '../../record/timeline.ts'
import { type Html, live, said } from '../../words/text.ts'
import { barChart } from './bar-chart.ts'
import { highestOf, hourChart, sumLine } from './hours.ts'
import { noRecord } from './no-record.ts'

export interface Activity {
  readonly span: Span
  readonly hours: Listed<Hour>
  readonly waits: Listed<Waits>
}

/** Charts beside each other; who asked least is named only. */
const MOST_CHARTS = 12

export function activityPage({ span, hours, waits }: Activity): Html {
  return html`<h1>Activity</h1>
    <section><h2>Requests by agent <small>24 hours</small></h2>${live('by-agent', versionOf(hours), byAgent(hours, span))}</section>
    <section><h2>How long questions waited <small>7 days</small></h2>${live('waits', versionOf(waits), byWait(waits))}</section>`
}

function versionOf(listed: Listed<unknown>): string {
  return listed.kind === 'none' ? listed.why : JSON.stringify(listed.items)
}

function byAgent(listed: Listed<Hour>, span: Span): Html {
  if (listed.kind === 'none') return noRecord(listed.why, 'agent-hours')
  const agents = [...Map.groupBy(listed.items, ({ agent }) => agent)].sort(([, a], [, b]) => total(b) - total(a))
  if (agents.length === 0) return html`<p>Nobody asked for anything.</p>`
  const highest = highestOf(listed.items)
  const rest = agents.slice(MOST_CHARTS).map(([agent]) => agent)
  return html`<div class="charts">${agents.slice(0, MOST_CHARTS).map(
    ([agent, hours]) => html`<div>
      <h3><a href="/console/agents/${agent}/day">${said(agent)}</a> ${sumLine(hours)}</h3>
      ${hourChart({ agent, hours, span, highest })}
    </div>`,
  )}</div>
  ${rest.length === 0 ? '' : html`<p>Less: ${said(rest.join(', '))}</p>`}`
}

function total(hours: readonly Hour[]): number {
  return hours.reduce((sum, { allowed, denied, pending }) => sum + allowed + denied + pending, 0)
}

const WITHIN: Readonly<Record<number, string>> = {
  10: '10 s',
  30: '30 s',
  60: '1 min',
  120: '2 min',
  300: '5 min',
  900: '15 min',
  3600: '1 h',
  86400: 'longer',
  0: 'no answer',
}
const ORDER = [10, 30, 60, 120, 300, 900, 3600, 86_400, 0]
const SERIES = [
  { name: 'approved', kind: 'allowed' },
  { name: 'not answered', kind: 'asked' },
  { name: 'rejected', kind: 'denied' },
] as const

function byWait(listed: Listed<Waits>): Html {
  if (listed.kind === 'none') return noRecord(listed.why, 'approval-waits')
  if (listed.items.length === 0) return html`<p>Nothing was asked.</p>`
  const at = new Map(listed.items.map(one => [one.withinS, one]))
  const bars = ORDER.map(withinS => {
    const { approved = 0, rejected = 0, questions = 0 } = at.get(withinS) ?? {}
    return { label: html`${WITHIN[withinS] ?? ''}`, values: [approved, questions - approved - rejected, rejected] }
  })
  const highest = Math.max(...listed.items.map(({ questions }) => questions))
  const label = 'Questions by the time that their answer took at most'
  return barChart({ label, columns: 'Answered within', series: SERIES, bars, highest, labelEvery: 1 })
}
