import { html } from 'hono/html'
import { isApprovalId } from '../../../../lease/lease-id.ts'
import type { Listed } from '../../record/look.ts'
import type { TimelineEvent } from '../../record/timeline.ts'
import { clock, code, type Html, live, said, took } from '../../words/text.ts'
import { decisionMark } from './decision.ts'
import { moreLink, noRecord, type Place } from './no-record.ts'

/** What happened, in order. `ask`: the command that tells the same. */
export function timelineSection(listed: Listed<TimelineEvent>, place: Place, ask: string): Html {
  const list =
    listed.kind === 'none'
      ? noRecord(listed.why, ask)
      : html`${listed.items.length === 0 ? html`<p>Nothing yet.</p>` : html`<ol class="timeline">${listed.items.map(line)}</ol>`}
        ${moreLink(place, listed)}`
  return live('timeline', versionOf(listed), list)
}

/** What changes of a list that grows: its length, and what is not over yet. */
function versionOf(listed: Listed<TimelineEvent>): string {
  if (listed.kind === 'none') return listed.why
  const open = listed.items.filter(({ state }) => state === 'open' || state === 'unknown').length
  return `${listed.items.length} ${open} ${listed.more}`
}

function line(event: TimelineEvent): Html {
  const { at, what, command, decision } = event
  return html`<li class="${decision === '' ? 'happened' : ''}">
    ${clock(at)}
    ${decisionMark(decision)}
    <div><span class="what-was">${code(what)}</span>${command === '' ? '' : html` <span class="ran">${code(command)}</span>`}
    ${details(event)}</div>
  </li>`
}

function details({ decision, reason, approval, status, durationMs, state, endReason }: TimelineEvent): Html | '' {
  const parts = [
    ...(reason === '' || decision === 'pending' ? [] : [said(reason)]),
    ...(decision === 'allow' && status !== null && status > 0 ? [html`HTTP ${status}`] : []),
    ...(durationMs === null || decision !== 'allow' ? [] : [html`${took(durationMs)}`]),
    ...(state === '' || state === 'done' ? [] : [said(state)]),
    ...(endReason === '' || endReason === 'completed' || endReason === 'denied' ? [] : [said(endReason)]),
    ...(isApprovalId(approval) ? [html`<a href="/console/approvals/${approval}">its question</a>`] : []),
  ]
  return parts.length === 0 ? '' : html`<span class="meta">${parts.map(part => html`<span>${part}</span>`)}</span>`
}
