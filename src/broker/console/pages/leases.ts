import { html } from 'hono/html'
import type { Approval } from '../../../approval/approval.ts'
import { BUDGETS, type Lease, type LeaseState } from '../../../lease/lease.ts'
import type { Page } from '../../../lease/lease-store.ts'
import type { KnownLease } from '../../leases/find-lease.ts'
import type { Answered } from '../record/approvals.ts'
import type { Listed } from '../record/look.ts'
import type { TimelineEvent } from '../record/timeline.ts'
import { ruleList } from '../words/rules.ts'
import { at, code, fact, type Html, left, live, notAll, said } from '../words/text.ts'
import { approvalList } from './record/approvals.ts'
import { timelineSection } from './record/timeline.ts'

/** Leases that are live. */
export function leasesPage({ items, next, missing = [] }: Page<KnownLease>, now: number): Html {
  const rows = items.map(
    ({ lease: { id, agent, delegated, sponsor, template, namespaces, task, expiresAt } }) => html`<li>
      <a href="/console/leases/${id}" id="to-${id}">
        <span class="what">${said(template)} in ${said(namespaces.join(', ') || 'the cluster')}</span>
        <span class="why"><q>${said(task.reason)}</q></span>
        <span class="meta">
          <span>${said(agent)}${delegated === undefined ? '' : html` from ${said(delegated.by)}`}${sponsor === '' ? '' : html` for ${said(sponsor)}`}</span>
          <span>${left(expiresAt, now)}</span>
          <code>${id}</code>
        </span>
      </a>
    </li>`,
  )
  const list =
    items.length === 0
      ? html`<p class="empty">${missing.length === 0 ? 'Nobody holds a lease.' : 'Nobody holds a lease in the rest.'}</p>`
      : html`<ul class="questions">${rows}</ul>`
  const more =
    next === null ? '' : html`<p><a class="button quiet" href="/console/leases?after=${next}">More leases</a></p>`
  const version = [...items.map(({ lease }) => lease.id), ...missing].join(' ')
  return html`<h1>Leases</h1>${live('leases', version, html`${notAll(missing)}${list}${more}`)}`
}

export interface ShownLease {
  readonly known: KnownLease
  /** Live ones that were narrowed from it. */
  readonly children: readonly KnownLease[]
  readonly questions: readonly Approval[]
  readonly answered: Listed<Answered>
  readonly timeline: Listed<TimelineEvent>
  readonly skip: number
  readonly mayRevoke: boolean
  readonly mayFreeze: boolean
  readonly mayThaw: boolean
  readonly token: Html
  readonly now: number
}

export function leasePage(shown: ShownLease): Html {
  const { known, questions, answered, timeline, skip, now } = shown
  const { lease, state, taken } = known
  const { id } = lease
  const asked = answered.kind === 'none' ? [] : answered.items.map(one => `${one.answer}${one.usedAt}`)
  return html`<p class="crumb"><a href="/console/leases">Leases</a></p>
    <h1>${said(lease.template)} <small>${code(id)}</small></h1>
    ${live('state', state.kind, stateLine(state, lease.expiresAt, now))}
    ${factsOf(shown)}
    <section><h2>What it grants</h2>${ruleList(lease.scope)}</section>
    <section><h2>What was used of it</h2>${live('used', JSON.stringify(taken), budgets(known))}</section>
    <section><h2>What a human was asked</h2>${live('asked', [...questions.map(one => one.id), ...asked].join(' '), approvalList(questions, answered, now))}</section>
    ${shown.mayFreeze && state.kind === 'active' ? freezeForm(id, 'freeze', shown.token) : ''}
    ${shown.mayThaw && state.kind === 'frozen' ? freezeForm(id, 'thaw', shown.token) : ''}
    ${shown.mayRevoke && state.kind === 'active' ? revokeForm(lease, shown.token) : ''}
    <section><h2>What was done</h2>${timelineSection(timeline, { path: `/console/leases/${id}`, skip }, `lease-timeline --lease ${id}`)}</section>`
}

function factsOf({ known: { lease }, children }: ShownLease): Html {
  const { agent, delegated, sponsor, task, issuedAt, expiresAt, ancestors } = lease
  const parent = ancestors.at(-1)
  return html`<dl class="facts">
    ${fact('Agent', html`<a href="/console/agents/${agent}">${said(agent)}</a>${sponsor === '' ? '' : html` for ${said(sponsor)}`}`)}
    ${delegated === undefined ? '' : fact('Handed to it by', html`<a href="/console/agents/${delegated.by}">${said(delegated.by)}</a>`)}
    ${fact('It says', html`<q>${said(task.reason)}</q> <small>the agent’s own words</small>`)}
    ${task.ticket === '' ? '' : fact('Ticket', said(task.ticket))}
    ${fact('Given', at(issuedAt))}
    ${fact('Ends', at(expiresAt))}
    ${parent === undefined ? '' : fact('Narrowed from', html`<a href="/console/leases/${parent}">${code(parent)}</a>`)}
    ${children.length === 0 ? '' : fact('Narrowed to', html`${children.map(({ lease: child }) => html`<span class="one"><a href="/console/leases/${child.id}">${code(child.id)}</a> ${said(child.template)}${child.delegated === undefined ? '' : html`, handed to ${said(child.agent)}`}</span>`)}`)}
  </dl>`
}

function stateLine(state: LeaseState, expiresAt: number, now: number): Html {
  switch (state.kind) {
    case 'active':
      return html`<p class="state approved">Live, ${left(expiresAt, now)}.</p>`
    case 'revoked':
      return html`<p class="state rejected">Ended by ${said(state.by)} ${at(state.at)}${state.reason === '' ? '' : html`: <q>${said(state.reason)}</q>`}</p>`
    case 'frozen':
      return html`<p class="state rejected">Frozen by ${said(state.by)} ${at(state.at)}${state.reason === '' ? '' : html`: <q>${said(state.reason)}</q>`}</p>`
    case 'expired':
    case 'unknown':
      return html`<p class="state">Over.</p>`
  }
}

function budgets({ lease, taken }: KnownLease): Html {
  const rows = BUDGETS.map(name => {
    if (name === 'requestsPerSecond') return paced(lease.budgets[name])
    const [used, most] = [taken[name] ?? 0, lease.budgets[name]]
    if (most === undefined)
      return html`<li><span>${WORDS[name]}</span> <span>${used} <small>no limit</small></span></li>`
    return html`<li><label for="budget-${name}">${WORDS[name]}</label> <meter id="budget-${name}" max="${most || 1}" value="${Math.min(used, most)}">${used}</meter> <span>${used} of ${most}</span></li>`
  })
  return html`<ul class="budgets">${rows}</ul>`
}

function paced(most: number | undefined): Html {
  return html`<li><span>Requests a second</span> <span>${most === undefined ? html`<small>no limit</small>` : `${most} at most`}</span></li>`
}

const WORDS = {
  requests: 'Requests',
  mutations: 'Writes',
  deletes: 'Deletes',
  secretReads: 'Reads of Secrets',
  objects: 'Objects changed',
  execSeconds: 'Seconds of sessions',
  questions: 'Questions',
} as const satisfies Record<Exclude<(typeof BUDGETS)[number], 'requestsPerSecond'>, string>

const FREEZING = {
  freeze: {
    title: 'Freeze it',
    says: 'Nothing runs under it, and its streams are cut, until an admin thaws it. It ends at its time all the same.',
    button: 'no',
  },
  thaw: {
    title: 'Thaw it',
    says: 'It goes on with what is left of it. One that was frozen with others is thawed as those were.',
    button: 'yes',
  },
} as const

function freezeForm(id: string, act: keyof typeof FREEZING, token: Html): Html {
  const { title, says, button } = FREEZING[act]
  return html`<section class="answer">
    <h2>${title}</h2>
    <p>${says}</p>
    <form method="post" action="/console/leases/${id}/${act}" aria-label="${title}">
      ${token}
      <label for="${act}-reason">Reason</label>
      <input id="${act}-reason" name="reason" maxlength="500" required autocomplete="off">
      <p class="buttons"><button class="${button}">${act === 'freeze' ? 'Freeze' : 'Thaw'} this lease</button></p>
    </form>
  </section>`
}

function revokeForm({ id, agent }: Lease, token: Html): Html {
  return html`<section class="answer">
    <h2>End it</h2>
    <form method="post" action="/console/leases/${id}/revoke" aria-label="End it">
      ${token}
      <label for="reason">Reason</label>
      <input id="reason" name="reason" maxlength="500" autocomplete="off">
      <label for="hold">And hold ${said(agent)}, which ends all of its leases and wants a reason</label>
      <select id="hold" name="hold"><option value="">no</option><option value="1h">for 1 hour</option><option value="8h">for 8 hours</option><option value="1d">for 1 day</option><option value="7d">for 7 days</option></select>
      <p class="buttons"><button class="no">Revoke this lease</button></p>
    </form>
  </section>`
}
