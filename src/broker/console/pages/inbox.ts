import { html } from 'hono/html'
import type { Approval } from '../../../approval/approval.ts'
import { describeSaid } from '../../../approval/people/groups.ts'
import type { Hold } from '../../../lease/hold/hold.ts'
import type { Page } from '../../../lease/lease-store.ts'
import { riskMark } from '../words/risk.ts'
import { ago, type Html, left, live, notAll, said } from '../words/text.ts'
import { heldLine } from './agents.ts'

interface Inbox {
  readonly questions: Page<Approval>
  /** How many said yes so far, of questions that want several; by id. */
  readonly said: ReadonlyMap<string, number>
  /** Null: not known, for a part of the store is away. */
  readonly holds: readonly Hold[] | null
  readonly now: number
}

/** What waits for an answer, oldest first. */
export function inboxPage({ questions: { items, next, missing = [] }, said: yeses, holds, now }: Inbox): Html {
  const version = [
    ...items.map(({ id }) => `${id}${yeses.get(id) ?? ''}`),
    ...(holds ?? []).map(({ agent, at }) => `${agent}@${at}`),
    next ?? '',
    holds === null ? '?' : '',
    ...missing,
  ].join(' ')
  const list =
    items.length === 0
      ? html`<p class="empty">${missing.length === 0 ? 'Nothing waits for an answer.' : 'Nothing waits in the rest.'}</p>`
      : html`<ol class="questions">${items.map(approval => question(approval, yeses.get(approval.id) ?? 0, now))}</ol>`
  const more =
    next === null ? '' : html`<p><a class="button quiet" href="/console?after=${next}">More questions</a></p>`
  return html`<h1>Questions</h1>
    ${live(
      'questions',
      version,
      html`<div data-count="${items.length}">${notAll(missing)}${list}${more}${holds === null ? html`<p class="note">Which agents are held is not known at the moment.</p>` : holds.map(hold => html`<p class="note">${heldLine(hold)}</p>`)}</div>`,
    )}`
}

function question({ id, question, agent, askedAt, endsAt }: Approval, yeses: number, now: number): Html {
  const { summary, sponsor, facts, task, quorum } = question
  const reaching = facts.filter(text => text.startsWith('! ')).length
  return html`<li>
    <a href="/console/approvals/${id}" id="to-${id}">
      <code class="what">${said(summary)}</code>
      <span class="why"><q>${said(task)}</q></span>
      <span class="meta">
        ${riskMark(question)}
        ${reaching === 0 ? '' : html`<span class="risk high">reaches further than its pod</span>`}
        <span>${said(agent)}${sponsor === '' ? '' : html` for ${said(sponsor)}`}</span>
        ${quorum === undefined ? '' : html`<span>${said(describeSaid(yeses, quorum))}</span>`}
        <span>${ago(askedAt, now)}</span>
        <span>${left(endsAt, now)}</span>
      </span>
    </a>
  </li>`
}
