import { html } from 'hono/html'
import type { Approval } from '../../../approval/approval.ts'
import type { Hold } from '../../../lease/hold/hold.ts'
import type { Lease } from '../../../lease/lease.ts'
import type { KnownLease } from '../../leases/find-lease.ts'
import { at, code, type Html, left, live, said } from '../words/text.ts'

export function heldLine({ agent, by, reason, until }: Hold): Html {
  const end = until === null ? 'until somebody releases it' : html`until ${at(until)}`
  return html`<a href="/console/agents/${agent}">${said(agent)}</a> is held ${end}, by ${said(by)}: <q>${said(reason)}</q>`
}

export function agentsPage(agents: readonly string[], holds: readonly Hold[]): Html {
  const held = new Map(holds.map(hold => [hold.agent, hold]))
  const all = [...new Set([...agents, ...held.keys()])]
  const rows = all.map(name => {
    const hold = held.get(name)
    return html`<li><a href="/console/agents/${name}" id="to-${name}"><span class="what">${said(name)}</span>${hold === undefined ? '' : html`<span class="meta"><span class="risk high">held</span></span>`}</a></li>`
  })
  const list =
    rows.length === 0 ? html`<p class="empty">The policy has no agents.</p>` : html`<ul class="questions">${rows}</ul>`
  return html`<h1>Agents</h1>${live('agents', `${all.join(' ')} / ${[...held.keys()].join(' ')}`, list)}`
}

export interface ShownAgent {
  readonly name: string
  readonly hold: Hold | null
  readonly leases: readonly KnownLease[]
  readonly questions: readonly Approval[]
  readonly mayHold: boolean
  readonly token: Html
  readonly now: number
}

export function agentPage(shown: ShownAgent): Html {
  const { name, hold, leases, questions, now } = shown
  const version = [hold?.at ?? '', ...leases.map(({ lease }) => lease.id), ...questions.map(({ id }) => id)].join(' ')
  const now_ = html`
    ${hold === null ? '' : html`<p class="note warn">${heldLine(hold)}</p>`}
    <section><h2>Waits for an answer</h2>
    ${questions.length === 0 ? html`<p>Nothing.</p>` : html`<ul class="plain">${questions.map(({ id, question, endsAt }) => html`<li><a href="/console/approvals/${id}">${code(question.summary)}</a> ${left(endsAt, now)}</li>`)}</ul>`}
    </section><section><h2>Leases</h2>
    ${leases.length === 0 ? html`<p>None.</p>` : html`<ul class="plain">${leases.map(({ lease }) => html`<li><a href="/console/leases/${lease.id}">${said(lease.template)} in ${said(lease.namespaces.join(', ') || 'the cluster')}</a> <q>${said(lease.task.reason)}</q>${handed(lease, name)} ${left(lease.expiresAt, now)}</li>`)}</ul>`}
    </section>`
  return html`<p class="crumb"><a href="/console/agents">Agents</a></p>
    <h1>${said(name)}</h1>
    ${live('agent', version, now_)}
    <section>
      <h2>What was done</h2>
      <p class="buttons"><a class="button quiet" href="/console/agents/${name}/day">Its last 24 hours</a>
        <a class="button quiet" href="/console/sessions?agent=${name}">Its sessions</a></p>
    </section>
    ${shown.mayHold ? holdForm(shown) : ''}`
}

function handed({ agent, delegated }: Lease, name: string): Html | '' {
  if (delegated === undefined) return ''
  return agent === name ? html` from ${said(delegated.by)}` : html` handed to ${said(agent)}`
}

function holdForm({ name, hold, token }: ShownAgent): Html {
  if (hold !== null)
    return html`<section class="answer"><h2>Release</h2>
      <form method="post" action="/console/agents/${name}/release" aria-label="Release">
        ${token}
        <label for="reason">Reason</label>
        <input id="reason" name="reason" maxlength="500" autocomplete="off">
        <p class="buttons"><button class="yes">Release ${said(name)}</button></p>
      </form></section>`
  return html`<section class="answer"><h2>Hold</h2>
    <p>Ends all of its leases at once; it gets no other one until the time is over or somebody releases it.</p>
    <form method="post" action="/console/agents/${name}/hold" aria-label="Hold">
      ${token}
      <label for="reason">Reason</label>
      <input id="reason" name="reason" maxlength="500" required autocomplete="off">
      <label for="for">For</label>
      <select id="for" name="for"><option value="1h">1 hour</option><option value="8h">8 hours</option><option value="1d" selected>1 day</option><option value="7d">7 days</option><option value="30d">30 days</option></select>
      <p class="buttons"><button class="no">Hold ${said(name)}</button></p>
    </form></section>`
}
