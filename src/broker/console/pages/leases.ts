import { html } from 'hono/html'
import type { Approval } from '../../../approval/approval.ts'
import { BUDGETS, type LeaseState } from '../../../lease/lease.ts'
import type { Page } from '../../../lease/lease-store.ts'
import type { KnownLease } from '../../leases/find-lease.ts'
import { ruleList } from '../words/rules.ts'
import { at, code, fact, type Html, left, live, said } from '../words/text.ts'

/** Leases that are live. */
export function leasesPage({ items, next }: Page<KnownLease>, now: number): Html {
  const rows = items.map(
    ({ lease: { id, agent, sponsor, template, namespaces, task, expiresAt } }) => html`<li>
      <a href="/console/leases/${id}" id="to-${id}">
        <span class="what">${said(template)} in ${said(namespaces.join(', ') || 'the cluster')}</span>
        <span class="why"><q>${said(task.reason)}</q></span>
        <span class="meta">
          <span>${said(agent)}${sponsor === '' ? '' : html` for ${said(sponsor)}`}</span>
          <span>${left(expiresAt, now)}</span>
          <code>${id}</code>
        </span>
      </a>
    </li>`,
  )
  const list =
    items.length === 0 ? html`<p class="empty">Nobody holds a lease.</p>` : html`<ul class="questions">${rows}</ul>`
  const more =
    next === null ? '' : html`<p><a class="button quiet" href="/console/leases?after=${next}">More leases</a></p>`
  return html`<h1>Leases</h1>${live('leases', items.map(({ lease }) => lease.id).join(' '), html`${list}${more}`)}`
}

export interface ShownLease {
  readonly known: KnownLease
  readonly questions: readonly Approval[]
  readonly mayRevoke: boolean
  readonly token: Html
  readonly now: number
}

export function leasePage(shown: ShownLease): Html {
  const { known, questions, now } = shown
  const { lease, state, taken } = known
  const version = `${state.kind} ${Object.values(taken).join(' ')} ${questions.map(({ id }) => id).join(' ')}`
  return html`<p class="crumb"><a href="/console/leases">Leases</a></p>
    <h1>${said(lease.template)} <small>${code(lease.id)}</small></h1>
    ${live('state', version, html`${stateLine(state, lease.expiresAt, now)}${budgets(known)}${waiting(questions)}`)}
    <dl class="facts">
      ${fact('Agent', html`<a href="/console/agents/${lease.agent}">${said(lease.agent)}</a>${lease.sponsor === '' ? '' : html` for ${said(lease.sponsor)}`}`)}
      ${fact('It says', html`<q>${said(lease.task.reason)}</q> <small>the agent’s own words</small>`)}
      ${lease.task.ticket === '' ? '' : fact('Ticket', said(lease.task.ticket))}
      ${fact('Given', at(lease.issuedAt))}
      ${fact('Ends', at(lease.expiresAt))}
      ${lease.ancestors.length === 0 ? '' : fact('Narrowed from', html`<a href="/console/leases/${lease.ancestors.at(-1)}">${code(lease.ancestors.at(-1) ?? '')}</a>`)}
    </dl>
    <section><h2>What it grants</h2>${ruleList(lease.scope)}</section>
    <section>
      <h2>What was done</h2>
      <p>Requests are on record in ClickHouse, which the broker has no way to: <code>leasegate query lease-timeline --lease ${lease.id}</code></p>
    </section>
    ${shown.mayRevoke && state.kind === 'active' ? revokeForm(lease.id, shown.token) : ''}`
}

function stateLine(state: LeaseState, expiresAt: number, now: number): Html {
  switch (state.kind) {
    case 'active':
      return html`<p class="state approved">Live, ${left(expiresAt, now)}.</p>`
    case 'revoked':
      return html`<p class="state rejected">Ended by ${said(state.by)} ${at(state.at)}${state.reason === '' ? '' : html`: <q>${said(state.reason)}</q>`}</p>`
    case 'expired':
    case 'unknown':
      return html`<p class="state">Over.</p>`
  }
}

function budgets({ lease, taken }: KnownLease): Html {
  const rows = BUDGETS.map(name => {
    const [used, most] = [taken[name] ?? 0, lease.budgets[name]]
    if (most === undefined) return html`<li><span>${WORDS[name]}</span> <span>${used}</span></li>`
    return html`<li><label for="budget-${name}">${WORDS[name]}</label> <meter id="budget-${name}" max="${most || 1}" value="${Math.min(used, most)}">${used}</meter> <span>${used} of ${most}</span></li>`
  })
  return html`<ul class="budgets">${rows}</ul>`
}

const WORDS = {
  requests: 'Requests',
  mutations: 'Writes',
  deletes: 'Deletes',
  secretReads: 'Reads of Secrets',
} as const satisfies Record<(typeof BUDGETS)[number], string>

function waiting(questions: readonly Approval[]): Html | '' {
  if (questions.length === 0) return ''
  return html`<ul class="plain">${questions.map(
    ({ id, question }) =>
      html`<li>Waits for an answer: <a href="/console/approvals/${id}">${code(question.summary)}</a></li>`,
  )}</ul>`
}

function revokeForm(id: string, token: Html): Html {
  return html`<section class="answer">
    <h2>End it</h2>
    <form method="post" action="/console/leases/${id}/revoke">
      ${token}
      <label for="reason">Reason</label>
      <input id="reason" name="reason" maxlength="500" autocomplete="off">
      <p class="buttons"><button class="no">Revoke this lease</button></p>
    </form>
  </section>`
}
