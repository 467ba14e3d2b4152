import { html } from 'hono/html'
import type { Hour } from '../../record/hours.ts'
import type { Listed } from '../../record/look.ts'
import type { Span, TimelineEvent } from '../../record/timeline.ts'
import { at, type Html, live, said } from '../../words/text.ts'
import { highestOf, hourChart, sumLine } from './hours.ts'
import { noRecord } from './no-record.ts'
import { timelineSection } from './timeline.ts'

export interface ShownDay {
  readonly agent: string
  readonly span: Span
  /** The present day grows. */
  readonly isLast: boolean
  readonly hours: Listed<Hour>
  readonly events: Listed<TimelineEvent>
  readonly skip: number
}

const DAY_MS = 24 * 3_600_000

/** Twenty-four hours of one agent: by hour, and then one thing after the other. */
export function dayPage({ agent, span, isLast, hours, events, skip }: ShownDay): Html {
  const path = `/console/agents/${agent}/day`
  const [since, until] = [new Date(span.since), new Date(span.until)].map(time => time.toISOString().slice(0, 16))
  const ask = `agent-day --agent ${agent} --since ${since}Z --until ${until}Z`
  return html`<p class="crumb"><a href="/console/agents">Agents</a> / <a href="/console/agents/${agent}">${said(agent)}</a></p>
    <h1>A day of ${said(agent)}</h1>
    <p>${at(span.since)} to ${isLast ? 'now' : at(span.until)}</p>
    <p class="days">
      <a class="button quiet" href="${path}?until=${toHour(span.since)}">The day before</a>
      ${isLast ? '' : html`<a class="button quiet" href="${path}?until=${toHour(span.until + DAY_MS)}">The day after</a>`}
    </p>
    <section><h2>By hour</h2>${live('hours', hours.kind === 'none' ? hours.why : JSON.stringify(hours.items), byHour(agent, span, hours))}</section>
    <section><h2>In order</h2>${timelineSection(events, { path, skip, rest: `&until=${toHour(span.until)}` }, ask)}</section>`
}

function byHour(agent: string, span: Span, hours: Listed<Hour>): Html {
  if (hours.kind === 'none') return noRecord(hours.why, `agent-hours --agent ${agent}`)
  if (hours.items.length === 0) return html`<p>It asked for nothing.</p>`
  return html`<p>${sumLine(hours.items)}</p>${hourChart({ agent, hours: hours.items, span, highest: highestOf(hours.items) })}`
}

/** `2026-11-29T07`: an hour in UTC, which every zone can be told from. */
export function toHour(ms: number): string {
  return new Date(ms).toISOString().slice(0, 13)
}
